using System.Text.Json.Nodes;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>One fact of a file.</summary>
/// <param name="File">The file as it stands.</param>
/// <param name="Case">What the fact states. In files with groups: the rule, together with all that its group says (name, schema, self, ...).</param>
/// <param name="Index">Its place in the file, over all groups.</param>
internal sealed record Fact(JsonNode File, JsonNode Case, int Index)
{
    private const int LongestName = 100;

    // What these hold are inputs; words in them are no expressions.
    private static readonly HashSet<string> Inputs = new(["vars", "self", "oldSelf", "expect"], StringComparer.Ordinal);

    private static readonly HashSet<string> Texts = new(["expr", "exprs", "rule", "messageExpression", "expression"], StringComparer.Ordinal);

    /// <summary>What it is about in a few words, on one line.</summary>
    public string Name
    {
        get
        {
            var words = new[] { "test", "name", "expr", "rule", "unescaped" }.Select(key => Case[key]?.ToString()).Where(word => word is { Length: > 0 });
            var name = string.Join(": ", words).ReplaceLineEndings(" ");
            return name.Length <= LongestName ? name : name[..LongestName] + "…";
        }
    }

    /// <summary>All expressions of the fact, those inside a schema too.</summary>
    public IEnumerable<string> Expressions => ExpressionsOf(Case);

    private static IEnumerable<string> ExpressionsOf(JsonNode? node) => node switch
    {
        JsonObject map => map.Where(pair => !Inputs.Contains(pair.Key))
            .SelectMany(pair => Texts.Contains(pair.Key) ? StringsOf(pair.Value) : ExpressionsOf(pair.Value)),
        JsonArray list => list.SelectMany(ExpressionsOf),
        _ => [],
    };

    // A property of a schema may bear such a name: its schema is looked into.
    private static IEnumerable<string> StringsOf(JsonNode? node) => node switch
    {
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        JsonArray list => list.SelectMany(StringsOf),
        _ => ExpressionsOf(node),
    };
}
