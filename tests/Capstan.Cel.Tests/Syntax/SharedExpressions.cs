using System.Text.Json.Nodes;

namespace Capstan.Cel.Tests.Syntax;

/// <summary>The expressions of the conformance suite and of Kubernetes' facts, which lie beside the checkout.</summary>
internal static class SharedExpressions
{
    private static readonly string[] _keys = ["expr", "expression", "rule", "messageExpression"];

    /// <summary>One case of the suite: what the parser is concerned with.</summary>
    public sealed record SpecCase(string Id, string Expression, bool DisablesMacros, string? Error);

    public static IReadOnlyList<SpecCase> Spec()
    {
        var cases = new List<SpecCase>();
        foreach (var file in Files("cel-spec"))
        {
            foreach (var test in file["sections"]!.AsArray().SelectMany(s => s!["tests"]!.AsArray()))
            {
                cases.Add(new SpecCase(
                    (string)test!["id"]!, (string)test["expr"]!, (bool?)test["disable_macros"] ?? false, test["eval_error"]?.ToJsonString()));
            }
        }

        return cases;
    }

    /// <summary>Each text that Kubernetes' facts call an expression, with what stands beside it.</summary>
    public static IReadOnlyList<(string Expression, JsonNode Case)> Kubernetes() =>
        [.. Files("cel-kubernetes").SelectMany(Expressions)];

    private static IEnumerable<(string Expression, JsonNode Case)> Expressions(JsonNode? node) => node switch
    {
        JsonArray array => array.SelectMany(Expressions),
        JsonObject o => o.SelectMany(p =>
            _keys.Contains(p.Key) && p.Value is JsonValue value && value.TryGetValue<string>(out var text) ? [(text, o)]
            : p is { Key: "exprs", Value: JsonArray texts } ? texts.Select(t => ((string)t!, (JsonNode)o))
            : Expressions(p.Value)),
        _ => [],
    };

    private static IEnumerable<JsonNode> Files(string name) =>
        Directory.EnumerateFiles(Folder(name), "*.json").Order(StringComparer.Ordinal).Select(f => JsonNode.Parse(File.ReadAllText(f))!);

    private static string Folder(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Path.Combine(folder.FullName, "shared", name) is var found && Directory.Exists(found))
            {
                return found;
            }
        }

        Assert.Skip($"no folder shared/{name} in or above the checkout");
        return "";
    }
}
