using System.Text.Json.Nodes;

namespace Capstan.Cel.Tests.Evaluation;

public sealed class DialectTableTests
{
    private static readonly string[] Expressions =
    [
        "duration('123.5s').getMilliseconds()",
        "'%e'.format([3.14])",
        "{1: 'a', 1: 'b'}[1]",
        "{1.5: 'a'}[1.5]",
        "[1, 'a'].size()",
        "timestamp('never')",
        "string(timestamp('2020-01-01T01:00:00+01:00'))",
        "has(x.number.field)",
        "x.number.?field.hasValue()",
        "'abc'.indexOf('c', 5)",
        "{'a-b': 1}.`a-b`",
    ];

    [Fact]
    public void The_page_states_where_the_dialects_differ() => PageSection.Says("dialects",
    [
        "| expression | Kubernetes | specification |",
        "|---|---|---|",
        .. Expressions.Select(e => $"| `{(e.Contains('`') ? $"` {e} `" : e)}` | {Answer(e, CelEnvironment.Kubernetes)} | {Answer(e, CelEnvironment.Specification)} |"),
    ]);

    private static string Answer(string expression, CelEnvironment environment)
    {
        if (!environment.WithVariable("x", CelType.Dyn).TryCompile(expression, out var program, out var diagnostics))
        {
            return $"does not compile: {diagnostics.Issues[0].Message}";
        }

        var value = program.Evaluate([CelValue.Of(JsonNode.Parse("""{"number":1}"""))]).Value;
        return value.IsError ? $"error: {value.ErrorMessage}" : $"`{value}`";
    }
}
