using System.Text;
using Capstan.Cel;
using Capstan.Cel.Kubernetes;

namespace Capstan.Tool.Cel;

/// <summary>What <c>capstan cel</c> does: compile, read, evaluate, print.</summary>
internal sealed class CelRun(CelOptions options, Func<Stream> input, TextWriter output, TextWriter error)
{
    private readonly CelReport _report = new(options.Json, output, error);

    /// <summary>What expressions may use.</summary>
    public static CelEnvironment Environment => KubernetesEnvironment.Default;

    /// <summary>Runs to the end; the result is the exit code.</summary>
    public int Run()
    {
        try
        {
            // The expression first: it can be wrong without any file.
            var environment = options.File is null ? Environment : Environment.WithVariable(options.Name, CelType.Dyn);
            var text = ReadExpression();
            if (!environment.TryCompile(text, out var program, out var diagnostics))
            {
                return _report.DoesNotCompile(diagnostics, NeedsFile(text) ? $"there is an '{options.Name}' only with -f FILE" : null);
            }

            CelValue[] values = options.File is null ? [] : [DocumentFile.Read(options.File, input)];

            // Only now: until here a signal ends the process at once, also when it waits for standard input.
            using var signals = new TerminationSignals();
            return Evaluate(program, values, signals.Stopping);
        }
        catch (CannotRunException cause) when (options.Json)
        {
            return _report.CannotRun(cause);
        }
    }

    /// <summary>Evaluates and prints; the result is the exit code.</summary>
    public int Evaluate(CelProgram program, CelValue[] values, CancellationToken stop) =>
        _report.Evaluated(program, program.Evaluate(values, new() { Cost = options.Limit, Cancellation = stop }));

    private bool NeedsFile(string text) =>
        options.File is null && Environment.WithVariable(options.Name, CelType.Dyn).TryCompile(text, out var program, out _) && program.Uses(options.Name);

    private string ReadExpression()
    {
        if (options.Expression != CelOptions.StandardInput)
        {
            return options.Expression;
        }

        using var stream = input();
        return Encoding.UTF8.GetString(InputBytes.Read(stream, "standard input", DocumentFile.LargestYaml).Span);
    }
}
