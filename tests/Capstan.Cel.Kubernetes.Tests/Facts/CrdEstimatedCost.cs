using System.Text.Json.Nodes;
using Capstan.Cel.Kubernetes.Rules;
using Capstan.Cel.Kubernetes.Schemas;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>Judges <c>crd_estimated_cost</c>: the worst case cost of a rule, exact.</summary>
internal static class CrdEstimatedCost
{
    public static string? Judge(JsonNode file, JsonNode fact)
    {
        var shape = SchemaShape.Of(SchemaReader.FromOpenApiV3(fact["schema"]!.AsObject()), isResource: (bool?)fact["is_root"] ?? false);
        if (shape.Type is not { } type)
        {
            return "the schema has no type";
        }

        if (!RuleEnvironment.Of(type).Plain.TryCompile((string)fact["expr"]!, out var program, out var diagnostics))
        {
            return diagnostics.ToString();
        }

        var cost = program.Estimate(new SchemaSizes(shape).Estimate).Max;
        return cost == (ulong)fact["estimated_max_cost"]! ? null : $"estimated {cost}, not {fact["estimated_max_cost"]}";
    }
}
