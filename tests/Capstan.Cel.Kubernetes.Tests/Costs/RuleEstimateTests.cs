using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.Cel.Kubernetes.Rules;
using Capstan.Cel.Kubernetes.Schemas;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Tests.Costs;

/// <summary>Estimates of rules beside those that Kubernetes' code gave for the same schemas.</summary>
public sealed class RuleEstimateTests
{
    [Fact]
    public void Rules_are_estimated_as_in_Kubernetes()
    {
        var different = new List<string>();
        var count = 0;
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Costs", "rule-estimates.jsonl")))
        {
            var group = JsonNode.Parse(line)!;
            var shape = SchemaShape.Of(SchemaReader.FromOpenApiV3(group["schema"]!.AsObject()), (bool?)group["root"] ?? false);
            var environments = RuleEnvironment.Of(shape.Type!);
            var environment = (bool?)group["optionalOldSelf"] ?? false ? environments.Optional : environments.Plain;
            var occurrences = new SchemaSizes(shape).MostOccurrences;
            if (occurrences != Number(group["cardinality"]!))
            {
                different.Add($"{group["schema"]!.ToJsonString()}: occurs {occurrences} times, not {group["cardinality"]}");
            }

            foreach (var rule in group["rules"]!.AsArray())
            {
                count++;
                var text = (string)rule![0]!;
                var problem = !environment.TryCompile(text, out var program, out var diagnostics) ? diagnostics.ToString()
                    : program.Estimate(new SchemaSizes(shape).Estimate).Max is var max && max != Number(rule[1]!) ? $"{max}, not {rule[1]}"
                    : null;
                if (problem is not null)
                {
                    different.Add($"{group["schema"]!.ToJsonString()}: {text}: {problem}");
                }
            }
        }

        Assert.True(different.Count == 0, $"{different.Count} of {count} differ:\n{string.Join('\n', different)}");
        Assert.True(count > 650, $"only {count} rules");
    }

    private static ulong Number(JsonNode node) => ulong.Parse((string)node!, CultureInfo.InvariantCulture);
}
