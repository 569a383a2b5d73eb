using System.Text.Json.Nodes;

namespace Recordings.Tests.Sequences;

/// <summary>Makes sequences of writes to one object; the same seed makes the same.</summary>
/// <param name="kind">Of the object.</param>
/// <param name="seed">Which sequence.</param>
/// <param name="isWide">Whether subresources, dry runs, validation of fields, preconditions and lists are among the steps.</param>
internal sealed class SequenceGenerator(SequenceKind kind, int seed, bool isWide = false)
{
    private static readonly string[] Managers = ["anna", "bert", "carl", "dora"];

    // Applying is what there is most to say about.
    private static readonly string[] Verbs = ["create", "create", "update", "update", "json", "merge", "merge", "strategic", "strategic", "apply", "apply", "apply", "apply", "apply", "apply", "delete"];

    private readonly Random _random = new(seed);

    private static readonly string[] Parameters =
        ["dryRun=All", "dryRun=All", "fieldValidation=Strict", "fieldValidation=Strict", "fieldValidation=Ignore", "fieldValidation=Warn", "dryRun=All&fieldValidation=Strict", "fieldValidation=odd", "dryRun=some"];

    private static readonly string[] Selectors = ["labelSelector=x%3D1", "labelSelector=x", "labelSelector=x!%3D1,y", "labelSelector=x%20in%20(1,2)", "labelSelector=!x", "limit=1", "labelSelector=x%20in%20"];

    private static readonly string[] DeleteOptions =
    [
        """{"preconditions":{"resourceVersion":"1"}}""", """{"preconditions":{"uid":"11111111-2222-3333-4444-555555555555"}}""", """{"dryRun":["All"]}""", """{"propagationPolicy":"Background","gracePeriodSeconds":0}""",
        """{"propagationPolicy":"Odd"}""", """{"orphanDependents":true,"propagationPolicy":"Background"}""",
    ];

    public IReadOnlyList<SequenceStep> Steps(int count) =>
        [Step("create", mayFail: false), .. Enumerable.Range(1, count - 1).Select(_ => isWide && _random.Next(3) == 0 ? WideStep() : Step(Any(Verbs), mayFail: true))];

    private SequenceStep WideStep()
    {
        switch (_random.Next(6))
        {
            case 0:
                return new SequenceStep("list", Any(Managers), false, VersionNamed.None, null) { Parameters = Any(Selectors) };
            case 1:
                return new SequenceStep("delete", Any(Managers), false, VersionNamed.None, Node(Any(DeleteOptions)));
            case 2 or 3 when kind.Parts.Length > 0:
                var (subresource, body) = kind.Parts[_random.Next(kind.Parts.Length)];
                var verb = Any(["merge", "merge", "apply"]);
                var node = Node(body);
                if (verb == "apply" && subresource == "scale")
                {
                    (node["apiVersion"], node["kind"]) = ("autoscaling/v1", "Scale");
                }
                else if (verb == "apply")
                {
                    Merge(node, Node(kind.Head));
                }

                return new SequenceStep(verb, Any(Managers), verb == "apply" && _random.Next(2) == 0, VersionNamed.None, node) { Subresource = subresource };
            default:
                return Step(Any(Verbs), mayFail: true) is { Verb: not "delete" } step ? step with { Parameters = Any(Parameters) } : Step("apply", mayFail: true);
        }
    }

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
