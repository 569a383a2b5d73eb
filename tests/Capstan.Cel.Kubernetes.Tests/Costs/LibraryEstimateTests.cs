using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.Cel.Costs;

namespace Capstan.Cel.Kubernetes.Tests.Costs;

/// <summary>Estimates beside those that Kubernetes' code gave for the same expressions.</summary>
public sealed class LibraryEstimateTests
{
    private static readonly CelEnvironment Environment = KubernetesEnvironment.Default
        .WithVariable("s", CelType.String)
        .WithVariable("b", CelType.Bytes)
        .WithVariable("d", CelType.Dyn)
        .WithVariable("i", CelType.Int)
        .WithVariable("t", CelType.Bool)
        .WithVariable("ls", CelType.List(CelType.String))
        .WithVariable("li", CelType.List(CelType.Int))
        .WithVariable("ll", CelType.List(CelType.List(CelType.String)))
        .WithVariable("m", CelType.Map(CelType.String, CelType.String));

    /// <summary>The sizes that Kubernetes' own tests suppose.</summary>
    internal static SizeInterval? Size(FieldPath path, CelType type) =>
        type.Kind is CelTypeKind.String or CelTypeKind.Bytes ? new SizeInterval(0, 12) : null;

    [Fact]
    public void Calls_are_estimated_as_in_Kubernetes()
    {
        var different = new List<string>();
        var count = 0;
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Costs", "library-estimates.jsonl")))
        {
            var answer = JsonNode.Parse(line)!;
            var text = (string)answer[0]!;
            var expected = new CostInterval(Number(answer[1]!), Number(answer[2]!));
            count++;
            var actual = Environment.TryCompile(text, out var program, out var diagnostics) ? program.Estimate(Size) : default;
            if (actual != expected)
            {
                different.Add($"{text}: {actual}, not {expected} {diagnostics}");
            }
        }

        Assert.True(different.Count == 0, $"{different.Count} of {count} differ:\n{string.Join('\n', different)}");
        Assert.True(count > 350, $"only {count} cases");
    }

    private static ulong Number(JsonNode node) => ulong.Parse((string)node!, CultureInfo.InvariantCulture);
}
