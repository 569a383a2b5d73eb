using System.Text.Json.Nodes;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>Judges the facts of Kubernetes' libraries and of cel-go's extensions: compile, evaluate, compare.</summary>
internal static class LibraryFacts
{
    private static readonly CelEnvironment StrictVersions = KubernetesEnvironment.Of(1, 32).With(KubernetesLibraries.StrictSemver);

    public static string? Judge(JsonNode file, JsonNode fact) => Outcome(KubernetesEnvironment.Default, fact);

    public static string? JudgeSemver(JsonNode file, JsonNode fact) =>
        Outcome((int?)fact["lib_version"] is >= 1 ? KubernetesEnvironment.Default : StrictVersions, fact);

    /// <summary>Why the expression of a fact does not come out as it says; null when it does.</summary>
    public static string? Outcome(CelEnvironment environment, JsonNode fact)
    {
        var expect = fact["expect"]!;
        return environment.TryCompile((string)fact["expr"]!, out var program, out var diagnostics)
            ? FactExpectation.Judge(expect, program.Evaluate([]).Value)
            : FactExpectation.JudgeError(expect, "compile", string.Join('\n', diagnostics.Issues.Select(issue => issue.Message)));
    }
}
