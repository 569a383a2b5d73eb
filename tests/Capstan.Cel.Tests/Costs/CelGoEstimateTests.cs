using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.Cel.Costs;

namespace Capstan.Cel.Tests.Costs;

/// <summary>Estimates beside those that cel-go gave for the same expressions, with all of its extension libraries.</summary>
public sealed class CelGoEstimateTests
{
    private static readonly CelEnvironment Environment = CelEnvironment.Specification
        .With(CelLibraries.Regex)
        .WithVariable("s", CelType.String)
        .WithVariable("b", CelType.Bytes)
        .WithVariable("d", CelType.Dyn)
        .WithVariable("i", CelType.Int)
        .WithVariable("t", CelType.Bool)
        .WithVariable("ls", CelType.List(CelType.String))
        .WithVariable("li", CelType.List(CelType.Int))
        .WithVariable("ll", CelType.List(CelType.List(CelType.String)))
        .WithVariable("m", CelType.Map(CelType.String, CelType.String));

    [Fact]
    public void Estimates_are_those_of_cel_go()
    {
        var different = new List<string>();
        var count = 0;
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Costs", "celgo-estimates.jsonl")))
        {
            var answer = JsonNode.Parse(line)!;
            var text = (string)answer[0]!;
            var expected = new CostInterval(Number(answer[1]!), Number(answer[2]!));
            count++;
            var actual = Environment.Compile(text).Estimate(Size);
            if (actual != expected)
            {
                different.Add($"{text}: {actual}, not {expected}");
            }
        }

        Assert.True(different.Count == 0, $"{different.Count} of {count} differ:\n{string.Join('\n', different)}");
        Assert.True(count > 200, $"only {count} cases");
    }

    private static SizeInterval? Size(FieldPath path, CelType type) =>
        type.Kind is CelTypeKind.String or CelTypeKind.Bytes ? new SizeInterval(0, 12) : null;

    private static ulong Number(JsonNode node) => ulong.Parse((string)node!, CultureInfo.InvariantCulture);
}
