using System.Text.Json.Nodes;

namespace Capstan.Cel.Kubernetes.Tests.Library;

/// <summary>
/// Calls of the libraries, and what Kubernetes' own code answered: value, error of the evaluation, or issues of the compilation with their
/// places. A row is environment, expression, answer; where we differ on purpose our answer follows it, and why.
/// </summary>
public class LibraryAnswersTests
{
    private const string Program = "program: ";

    [Fact]
    public void Answers_as_Kubernetes_does()
    {
        var different = new List<string>();
        var count = 0;
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Library", "kubernetes-library.jsonl")))
        {
            var row = JsonNode.Parse(line)!.AsArray().Select(cell => (string)cell!).ToList();
            var (expected, answer) = (row[row.Count > 3 ? 3 : 2], Answer(EnvironmentOf(row[0]), row[1]));
            count++;
            if (answer != expected && !(expected.StartsWith(Program, StringComparison.Ordinal) && IsCompiling(answer, expected[Program.Length..])))
            {
                different.Add($"{line}\n  here: {answer}");
            }
        }

        Assert.True(different.Count == 0, $"{different.Count} of {count}:\n{string.Join('\n', different)}");
        Assert.True(count > 1700, $"only {count} rows");
    }

    // What cel-go notices when it makes a program of a checked expression has no place there.
    private static bool IsCompiling(string answer, string message) =>
        answer.StartsWith("compile: ", StringComparison.Ordinal) && answer.EndsWith(": " + message, StringComparison.Ordinal);

    private static CelEnvironment EnvironmentOf(string name) => name switch
    {
        "1.36" => KubernetesEnvironment.Default,
        "ext" => Facts.CelGoExtensions.Newest.With(CelLibraries.Regex),
        "regex" => KubernetesEnvironment.Default.With(CelLibraries.Regex),
        [.. var version, 's'] => Of(version, CelExpressionsMode.Stored),
        _ => Of(name, CelExpressionsMode.New),
    };

    private static CelEnvironment Of(string version, CelExpressionsMode mode) => KubernetesEnvironment.Of(1, int.Parse(version[2..], null), mode);

    private static string Answer(CelEnvironment environment, string expression) =>
        environment.TryCompile(expression, out var program, out var diagnostics) ? ValueText.Of(program.Evaluate([]).Value)
        : $"compile: {string.Join(" | ", diagnostics.Issues.Select(issue => $"{issue.Line}:{issue.Column}: {issue.Message}"))}";
}
