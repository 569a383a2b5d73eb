using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Capstan.Tool.Local.Operators;
using Spectre.Console;

namespace Capstan.Tool.Local;

/// <summary>The command line of <c>capstan local</c>: what it accepts and how it explains itself.</summary>
internal static class LocalCommand
{
    /// <summary>Commands to copy.</summary>
    public const string Examples = """
          capstan local --samples
              everything at once: API server, CRDs, KubeTemplater, the Database operator and samples of both; Ctrl-C ends it
          kubectl --kubeconfig .capstan/kubeconfig get kubetemplates,databases -A
              from a second terminal: what there is, as kubectl sees it
          capstan local --samples ./my-templates
              your own manifests (*.yaml, *.yml, *.json) in place of the samples that come with the tool
          capstan local --data-dir .capstan/data
              the same objects, certificates and tokens again after a restart
          capstan local --port 0 --operators none --kubeconfig /tmp/try/kubeconfig
              only the API server with the CRDs, on a free port: for an operator that you run yourself

        """;

    private static readonly string[] OnOff = ["on", "off"];
    private static readonly string[] Pods = ["none", "simulate", "process"];

    /// <summary>Builds the command; its action runs until it is told to stop.</summary>
    public static Command Create()
    {
        var port = new Option<int>("--port")
        {
            Description = "Port of the API server on 127.0.0.1; 0 takes a free one.",
            HelpName = "PORT",
            DefaultValueFactory = _ => 6443,
            CustomParser = ParsePort,
        };
        var dataDir = new Option<string?>("--data-dir")
        {
            Description = "Keep everything in this directory, across restarts; without it everything is in memory, and gone at the end.",
            HelpName = "DIR",
        };
        var kubeconfig = new Option<string>("--kubeconfig")
        {
            Description = "Where to write the kubeconfig (context capstan-local). Never your own ~/.kube.",
            HelpName = "FILE",
            DefaultValueFactory = _ => Path.Combine(".", ".capstan", "kubeconfig"),
        };
        var samples = new Option<string?>("--samples")
        {
            Description = "Apply the samples that come with the tool, or the manifests in a FILE or directory.",
            HelpName = "FILE|DIR",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var operators = new Option<IReadOnlyList<LocalOperator>>("--operators")
        {
            Description = "Which operators run: names with commas between, or none.",
            HelpName = "kubetemplater,database|none",
            DefaultValueFactory = _ => LocalOperator.All,
            CustomParser = ParseOperators,
        };
        var admission = new Option<string>("--admission")
        {
            Description = "Whether bad templates, policies and Databases are refused when they are written (on), or stored and then reported as failed (off).",
            HelpName = "on|off",
            DefaultValueFactory = _ => "on",
            CustomParser = argument => OneOf(argument, "--admission", OnOff),
        };
        var pods = new Option<string>("--pods")
        {
            Description = "Pods of known images run as processes, the others by simulation (process); or all by simulation (simulate); or they stay pending, as in a cluster without nodes (none). Only with process the operators are pods, else they run inside of capstan.",
            HelpName = "process|simulate|none",
            DefaultValueFactory = _ => "process",
            CustomParser = argument => OneOf(argument, "--pods", Pods),
        };
        var images = new Option<string?>("--images")
        {
            Description = "Which programs further images stand for: a JSON FILE, described in docs/local.md.",
            HelpName = "FILE",
        };
        var command = new Command("local", "Run a Kubernetes API server and the operators on this machine, until Ctrl-C.") { port, dataDir, kubeconfig, samples, operators, admission, pods, images };
        command.SetAction((parsed, _) => new LocalRun(new LocalOptions
        {
            Port = parsed.GetValue(port),
            DataDirectory = parsed.GetValue(dataDir),
            Kubeconfig = parsed.GetValue(kubeconfig)!,
            Samples = parsed.GetResult(samples) is { Implicit: false },
            SamplesPath = parsed.GetValue(samples),
            Operators = parsed.GetValue(operators)!,
            Admission = parsed.GetValue(admission) == "on",
            Pods = Enum.Parse<PodMode>(parsed.GetValue(pods)!, ignoreCase: true),
            Images = parsed.GetValue(images),
        }, AnsiConsole.Console, TimeProvider.System).RunAsync());
        return command;
    }

    private static int ParsePort(ArgumentResult argument)
    {
        var text = argument.Tokens.Count > 0 ? argument.Tokens[^1].Value : "";
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535)
        {
            return port;
        }

        argument.AddError($"--port takes a number from 0 to 65535, not '{text}'");
        return 0;
    }

    private static IReadOnlyList<LocalOperator> ParseOperators(ArgumentResult argument)
    {
        var text = argument.Tokens.Count > 0 ? argument.Tokens[^1].Value : "";
        var names = text == "none" ? [] : text.Split(',');
        if (names.FirstOrDefault(name => LocalOperator.All.All(known => known.Name != name)) is { } unknown)
        {
            argument.AddError($"--operators takes {string.Join(", ", LocalOperator.All.Select(known => known.Name))} (with commas between) or none, not '{unknown}'");
        }

        return [.. LocalOperator.All.Where(known => names.Contains(known.Name))];
    }

    private static string OneOf(ArgumentResult argument, string option, string[] choices)
    {
        var text = argument.Tokens.Count > 0 ? argument.Tokens[^1].Value : "";
        if (!choices.Contains(text, StringComparer.Ordinal))
        {
            argument.AddError($"{option} takes {string.Join(" or ", choices)}, not '{text}'");
        }

        return text;
    }
}
