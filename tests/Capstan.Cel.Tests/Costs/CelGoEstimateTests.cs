using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.Cel.Checking;
using Capstan.Cel.Costs;
using Capstan.Cel.Syntax;
using Capstan.Cel.Tests.Checking;

namespace Capstan.Cel.Tests.Costs;

/// <summary>Estimates beside those that cel-go gave for the same expressions, with all of its extension libraries.</summary>
public sealed class CelGoEstimateTests
{
    private static readonly CheckEnvironment Environment = (SuiteCase.Everything with { Container = "" })
        .WithFunctions(SignatureReader.Functions(
            """
            regex.extract
              regex_extract_string_string (string, string) -> optional_type(string)
            regex.extractAll
              regex_extractAll_string_string (string, string) -> list(string)
            regex.replace
              regex_replace_string_string_string (string, string, string) -> string
              regex_replace_string_string_string_int (string, string, string, int) -> string
            """))
        .WithVariable("s", CelType.String)
        .WithVariable("b", CelType.Bytes)
        .WithVariable("d", CelType.Dyn)
        .WithVariable("i", CelType.Int)
        .WithVariable("t", CelType.Bool)
        .WithVariable("ls", CelType.List(CelType.String))
        .WithVariable("li", CelType.List(CelType.Int))
        .WithVariable("ll", CelType.List(CelType.List(CelType.String)))
        .WithVariable("m", CelType.Map(CelType.String, CelType.String));

    private static readonly CostModel Model = new()
    {
        Calls = [ListCosts.Estimate, SetCosts.Estimate, RegexCosts.Estimate],
        Sizes = (_, type) => type.Kind is CelTypeKind.String or CelTypeKind.Bytes ? new SizeInterval(0, 12) : null,
    };

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
            var actual = Estimate(text);
            if (actual != expected)
            {
                different.Add($"{text}: {actual}, not {expected}");
            }
        }

        Assert.True(different.Count == 0, $"{different.Count} of {count} differ:\n{string.Join('\n', different)}");
        Assert.True(count > 200, $"only {count} cases");
    }

    private static CostInterval Estimate(string text)
    {
        var parsed = CelParser.Parse(text, SyntaxOptions.Spec);
        Assert.True(parsed.Ast is not null, $"{text}: {string.Join('\n', parsed.Issues)}");
        var checkedExpression = CelChecker.Check(parsed.Ast, Environment);
        Assert.True(checkedExpression.IsValid, $"{text}: {string.Join('\n', checkedExpression.Issues.Select(i => i.Message))}");
        return CostEstimator.Estimate(checkedExpression, Model);
    }

    private static ulong Number(JsonNode node) => ulong.Parse((string)node!, CultureInfo.InvariantCulture);
}
