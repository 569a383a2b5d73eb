using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Tests.Costs;

public sealed class RuleCostsTests
{
    private const string Path = "spec.validation.openAPIV3Schema";

    [Fact]
    public void Schemas_are_refused_for_their_costs_as_Kubernetes_refuses_them()
    {
        var different = new List<string>();
        var (count, refused) = (0, 0);
        foreach (var line in File.ReadLines(System.IO.Path.Combine(AppContext.BaseDirectory, "Costs", "schema-costs.jsonl")))
        {
            var answer = JsonNode.Parse(line)!;
            var expected = answer[1]!.AsArray().Select(e => (string)e!).ToArray();
            count++;
            refused += expected.Length > 0 ? 1 : 0;
            var rules = SchemaRules.Compile(SchemaReader.FromOpenApiV3(answer[0]!.AsObject()));
            var actual = rules.EstimateCosts().Select(e => e.ToString()).Order(StringComparer.Ordinal).ToArray();
            if (rules.Faults.Count > 0 || !actual.SequenceEqual(expected))
            {
                different.Add($"{answer[0]!.ToJsonString()}:\n{string.Join('\n', rules.Faults.Select(f => f.ToString()).Concat(actual))}\nnot\n{string.Join('\n', expected)}");
            }
        }

        Assert.True(different.Count == 0, $"{different.Count} of {count} differ:\n{string.Join("\n\n", different)}");
        Assert.True(refused > 10 && refused < count, $"{refused} of {count} refused");
    }

    [Fact]
    public void The_most_expensive_rules_of_all_are_named_the_most_expensive_first()
    {
        // 7, 9, 8, 9, 10 and nine times 9 million: each may cost that much, but not all.
        int[] millions = [7, 9, 8, 9, 10, 9, 9, 9, 9, 9, 9, 9, 9, 9];
        var properties = millions.Select((m, i) => $$$"""
            "p{{{i:00}}}": {"type": "array", "maxItems": {{{m * 500_000}}}, "items": {"type": "integer", "x-kubernetes-validations": [{"rule": "self > 2"}]}}
            """);
        var faults = Compile($$$"""{"type": "object", "properties": { {{{string.Join(',', properties)}}} }}""").EstimateCosts();
        Assert.Equal(
            new[] { "p04", "p01", "p03", "p05" }.Select(name => $"{Path}.properties[{name}].items.x-kubernetes-validations[0].rule").Append(Path),
            faults.Select(f => f.Field));
        Assert.Equal(
            "Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of 1.240000x "
            + "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)",
            faults[^1].Message);
    }

    [Fact]
    public void Rules_that_do_not_compile_cost_nothing() => Assert.Empty(Compile(
        """{"type": "array", "items": {"type": "array", "items": {"type": "string", "x-kubernetes-validations": [{"rule": "self.matches('a"}]}}}""").EstimateCosts());

    private static SchemaRules Compile(string schema) => SchemaRules.Compile(SchemaReader.FromOpenApiV3((JsonObject)JsonNode.Parse(schema)!), isResource: false);
}
