using System.Text.Json.Nodes;
using Capstan.Cel.Costs;
using Capstan.Cel.Kubernetes.Library;
using Capstan.Cel.Kubernetes.Tests.Costs;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>Judges <c>library_cost</c>, the estimates of it: exact at both ends.</summary>
internal static class LibraryEstimatedCost
{
    // These facts were made without that literals must be of one type.
    private static readonly CelEnvironment Environment =
        KubernetesEnvironment.Default.WithChecking(options => options with { HomogeneousLiterals = false })
            .WithVariable("authorizer", AuthorizerFunctions.Authorizer);

    public static string? Judge(JsonNode file, JsonNode fact)
    {
        if (!Environment.TryCompile((string)fact["expr"]!, out var program, out var diagnostics))
        {
            return diagnostics.ToString();
        }

        var wanted = new CostInterval((ulong)fact["estimated_cost"]!["min"]!, (ulong)fact["estimated_cost"]!["max"]!);
        var actual = program.Estimate(LibraryEstimateTests.Size);
        return actual == wanted ? null : $"estimated {actual}, not {wanted}";
    }
}
