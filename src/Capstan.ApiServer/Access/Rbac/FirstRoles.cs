using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Access.Rbac;

/// <summary>
/// The roles and bindings of a new Kubernetes 1.36 cluster, from the table <c>first-roles.txt</c>: facts read from a real one. A line without
/// indentation names an object (with labels, or with <c>-&gt;</c> and its role), the lines below it are its rules or subjects.
/// </summary>
internal static class FirstRoles
{
    public const string Group = "rbac.authorization.k8s.io";

    /// <summary>Each object with the resource that it is of.</summary>
    public static IEnumerable<(string Plural, JsonObject Object)> All()
    {
        using var stream = typeof(FirstRoles).Assembly.GetManifestResourceStream("Capstan.ApiServer.first-roles.txt")!;
        using var reader = new StreamReader(stream);
        (string Plural, JsonObject Object)? current = null;
        while (reader.ReadLine() is { } line)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (line[0] != ' ')
            {
                if (current is { } done)
                {
                    yield return done;
                }

                current = Begin(words);
            }
            else if (current!.Value.Object["roleRef"] is not null)
            {
                current.Value.Object["subjects"]!.AsArray().Add((JsonNode)Subject(words));
            }
            else if (words[0] == "aggregates")
            {
                current.Value.Object["aggregationRule"] = new JsonObject
                {
                    ["clusterRoleSelectors"] = new JsonArray(new JsonObject { ["matchLabels"] = Labels(words[1].Split(',')) }),
                };
            }
            else
            {
                current.Value.Object["rules"]!.AsArray().Add((JsonNode)Rule(words));
            }
        }

        yield return current!.Value;
    }

    private static (string Plural, JsonObject Object) Begin(string[] words)
    {
        var binds = words.Length > 2 && words[2] == "->";
        var labels = binds ? [] : Labels(words[2..]);
        labels["kubernetes.io/bootstrapping"] = "rbac-defaults";
        var metadata = new JsonObject
        {
            ["name"] = words[1][(words[1].IndexOf('/', StringComparison.Ordinal) + 1)..],
            ["labels"] = labels,
            ["annotations"] = new JsonObject { ["rbac.authorization.kubernetes.io/autoupdate"] = "true" },
        };
        if (words[1].Contains('/', StringComparison.Ordinal))
        {
            metadata["namespace"] = words[1].Split('/')[0];
        }

        var obj = new JsonObject { ["metadata"] = metadata };
        if (binds)
        {
            obj["roleRef"] = new JsonObject { ["apiGroup"] = Group, ["kind"] = words[3], ["name"] = words[4] };
            obj["subjects"] = new JsonArray();
        }
        else
        {
            obj["rules"] = new JsonArray();
        }

        return (words[0].ToLowerInvariant() + "s", obj);
    }

    private static JsonObject Rule(string[] words)
    {
        var rule = new JsonObject { ["verbs"] = List(words[0]) };
        if (words.Length == 2)
        {
            rule["nonResourceURLs"] = List(words[1]);
            return rule;
        }

        rule["apiGroups"] = List(words[1]);
        rule["resources"] = List(words[2]);
        if (words.Length > 3)
        {
            rule["resourceNames"] = List(words[3]);
        }

        return rule;
    }

    private static JsonObject Subject(string[] words)
    {
        var name = words[1];
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return words[0] == "ServiceAccount"
            ? new() { ["kind"] = words[0], ["namespace"] = name[..slash], ["name"] = name[(slash + 1)..] }
            : new() { ["kind"] = words[0], ["apiGroup"] = Group, ["name"] = name };
    }

    private static JsonObject Labels(IEnumerable<string> pairs) => new(pairs.Select(p => KeyValuePair.Create(p.Split('=')[0], (JsonNode?)p.Split('=')[1])));

    private static JsonArray List(string text) => [.. text.Split(',').Select(t => (JsonNode)(t == "\"\"" ? "" : t))];
}
