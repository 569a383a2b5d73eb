using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Capstan.Cel;

namespace Capstan.Tool.Cel;

/// <summary>The command line of <c>capstan cel</c>: what it accepts and how it explains itself.</summary>
internal static class CelCommand
{
    /// <summary>Commands to copy.</summary>
    public const string Examples = """
          capstan cel '[1, 2, 3].map(x, x * 2)'
              prints value, type and cost
          capstan cel 'object.spec.replicas <= 5' -f deployment.yaml
              a rule over a file (JSON or YAML), which is called object
          kubectl get deployment web -o json | capstan cel 'object.spec.template.spec.containers.map(c, c.image)' -f -
              over what another program prints
          capstan cel 'self.minReplicas <= self.maxReplicas' -f spec.yaml --as self --json
              one JSON object: {"value":true,"type":"bool","cost":5}, or {"error":...}
          capstan cel - -f pod.yaml < rule.cel
              a long expression from a file
          capstan cel -f point.json -- '-object.x'
              an expression that begins like an option comes after --

        Exit code: 0 there is a value; 1 there is none: an evaluation error, or the file cannot be read; 2 the expression does not
        compile, or the command line is wrong.

        """;

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var expression = new Argument<string>("EXPRESSION") { Description = "What to evaluate, as Kubernetes 1.36 would; - reads it from standard input." };
        var file = new Option<string?>("--file", "-f")
        {
            Description = "JSON or YAML file with one document; - reads standard input.",
            HelpName = "FILE",
        };
        var name = new Option<string>("--as")
        {
            Description = "What the expression calls the document.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "object",
            CustomParser = ParseName,
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON object, also for an error." };
        var limit = new Option<ulong>("--limit")
        {
            Description = "Cost at which evaluation is given up, in Kubernetes' units.",
            HelpName = "COST",
            DefaultValueFactory = _ => CelOptions.KubernetesLimit,
            CustomParser = ParseLimit,
        };
        var command = new Command("cel", "Evaluate a CEL expression, over a JSON or YAML file if you like.") { expression, file, name, json, limit };
        command.Validators.Add(result =>
        {
            if (result.GetResult(name) is { Implicit: false } && result.GetResult(file) is null)
            {
                result.AddError("--as names the document of --file, and there is none");
            }
            else if (result.GetResult(expression)?.Tokens is [{ Value: CelOptions.StandardInput }] && result.GetResult(file)?.Tokens is [{ Value: CelOptions.StandardInput }])
            {
                result.AddError("expression and file cannot both come from standard input");
            }
        });
        command.SetAction(parsed =>
        {
            var text = parsed.GetValue(expression)!;
            if (IsUnknownOption(parsed, text))
            {
                parsed.InvocationConfiguration.Error.WriteLine(
                    $"capstan: unknown option '{text}', or an expression that should come after -- (see 'capstan cel --help')");
                return ExitCodes.Usage;
            }

            return new CelRun(
                new CelOptions
                {
                    Expression = text,
                    File = parsed.GetValue(file),
                    Name = parsed.GetValue(name)!,
                    Json = parsed.GetValue(json),
                    Limit = parsed.GetValue(limit),
                },
                Console.OpenStandardInput,
                parsed.InvocationConfiguration.Output,
                parsed.InvocationConfiguration.Error).Run();
        });
        return command;
    }

    // The parser takes an unknown option for the expression that it has not seen yet.
    private static bool IsUnknownOption(ParseResult parsed, string expression) =>
        expression is ['-', '-', >= 'a' and <= 'z', ..] && parsed.Tokens.All(token => token.Type != TokenType.DoubleDash);

    // What is a name and what is reserved, the language knows best.
    private static string ParseName(ArgumentResult argument)
    {
        var text = argument.Tokens.Count > 0 ? argument.Tokens[^1].Value : "";
        if (text.Length == 0
            || !CelRun.Environment.WithVariable(text, CelType.Dyn).TryCompile(text, out var program, out _)
            || !program.Uses(text))
        {
            argument.AddError($"--as takes a name that an expression can use, not '{text}'");
        }

        return text;
    }

    private static ulong ParseLimit(ArgumentResult argument)
    {
        var text = argument.Tokens.Count > 0 ? argument.Tokens[^1].Value : "";
        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) || limit == 0)
        {
            argument.AddError($"--limit takes a whole number from 1, not '{text}'");
        }

        return limit;
    }
}
