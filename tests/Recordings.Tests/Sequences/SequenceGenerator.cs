using System.Text.Json.Nodes;

namespace Recordings.Tests.Sequences;

/// <summary>Makes sequences of writes to one object; the same seed makes the same.</summary>
internal sealed class SequenceGenerator(SequenceKind kind, int seed)
{
    private static readonly string[] Managers = ["anna", "bert", "carl", "dora"];

    // Applying is what there is most to say about.
    private static readonly string[] Verbs = ["create", "create", "update", "update", "json", "merge", "merge", "strategic", "strategic", "apply", "apply", "apply", "apply", "apply", "apply", "delete"];

    private readonly Random _random = new(seed);

    public IReadOnlyList<SequenceStep> Steps(int count) => [Step("create", mayFail: false), .. Enumerable.Range(1, count - 1).Select(_ => Step(Any(Verbs), mayFail: true))];

    private SequenceStep Step(string verb, bool mayFail)
    {
        var version = verb is "update" or "apply" && !kind.IsControlled ? _random.Next(8) switch { 0 => VersionNamed.Last, 1 when mayFail => VersionNamed.Old, _ => VersionNamed.None } : VersionNamed.None;
        JsonNode? body = verb switch
        {
            "create" or "update" => Whole(),
            "apply" => _random.Next(4) == 0 ? Pieces(Node(kind.Head), 2) : Pieces(Node(kind.Head), kind.Groups.Length),
            "json" => new JsonArray([.. Enumerable.Range(0, _random.Next(1, 3)).Select(_ => (JsonNode)Node(Any(kind.Operations)))]),
            "merge" => Patch(kind.Merges),
            "strategic" => Patch(kind.Directives.Length == 0 ? kind.Merges : [.. kind.Directives, .. kind.Merges]),
            _ => null,
        };
        return new SequenceStep(verb, Any(Managers), verb == "apply" && _random.Next(3) == 0, version, body);
    }

    private JsonObject Whole()
    {
        var whole = Node(kind.Head);
        Merge(whole, Node(kind.Required));
        return Pieces(whole, kind.Groups.Length);
    }

    private JsonObject Patch(string[] own)
    {
        var patch = Node(Any(own));
        return _random.Next(2) == 0 ? patch : Pieces(_random.Next(2) == 0 ? [] : patch, 3);
    }

    private JsonObject Pieces(JsonObject into, int atMost)
    {
        foreach (var group in kind.Groups.OrderBy(_ => _random.Next()).Take(atMost))
        {
            if (_random.Next(3) == 0)
            {
                Merge(into, Node(Any(group)));
            }
        }

        return into;
    }

    private static void Merge(JsonObject into, JsonObject more)
    {
        foreach (var (name, value) in more)
        {
            switch (into[name], value)
            {
                case (JsonObject inner, JsonObject added):
                    Merge(inner, added);
                    break;
                case (JsonArray items, JsonArray added):
                    foreach (var item in added)
                    {
                        items.Add(item?.DeepClone());
                    }

                    break;
                default:
                    into[name] = value?.DeepClone();
                    break;
            }
        }
    }

    private static JsonObject Node(string text) => JsonNode.Parse(text)!.AsObject();

    private string Any(string[] choices) => choices[_random.Next(choices.Length)];
}
