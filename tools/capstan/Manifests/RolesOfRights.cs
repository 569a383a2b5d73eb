using System.Text.Json.Nodes;

namespace Capstan.Tool.Manifests;

/// <summary>A ClusterRole and a Role from the rights that code says it needs, as few rules as say them all.</summary>
internal static class RolesOfRights
{
    private static readonly string[] VerbOrder = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

    /// <summary>The roles that have rules; none for no rights.</summary>
    /// <param name="rights">What is needed.</param>
    /// <param name="name">Name of both roles.</param>
    /// <param name="namespace">The operator's own namespace, of the Role.</param>
    public static IEnumerable<JsonObject> Of(IReadOnlyCollection<RbacAttribute> rights, string name, string @namespace)
    {
        if (Rules(rights.Where(right => !right.OwnNamespace)) is { Count: > 0 } everywhere)
        {
            yield return Role("ClusterRole", new() { ["name"] = name }, everywhere);
        }

        if (Rules(rights.Where(right => right.OwnNamespace)) is { Count: > 0 } own)
        {
            yield return Role("Role", new() { ["name"] = name, ["namespace"] = @namespace }, own);
        }
    }

    private static JsonObject Role(string kind, JsonObject metadata, JsonArray rules) =>
        new() { ["apiVersion"] = "rbac.authorization.k8s.io/v1", ["kind"] = kind, ["metadata"] = metadata, ["rules"] = rules };

    // One resource gets all its verbs in one place; resources of a group with equal verbs then share a rule.
    private static JsonArray Rules(IEnumerable<RbacAttribute> rights)
    {
        var single =
            from right in rights
            from resource in right.Resources
            group right.Verbs by (right.Group, Resource: resource, Names: string.Join(',', right.ResourceNames.Order(StringComparer.Ordinal))) into same
            select (same.Key.Group, same.Key.Resource, same.Key.Names, Verbs: string.Join(',', same.SelectMany(verbs => verbs).Distinct().OrderBy(Rank).ThenBy(verb => verb, StringComparer.Ordinal)));
        var shared =
            from one in single
            group one.Resource by (one.Group, one.Names, one.Verbs) into rule
            orderby rule.Key.Group, rule.Min(StringComparer.Ordinal), rule.Key.Names
            select rule;
        return new([.. shared.Select(rule => Rule(rule.Key.Group, rule.Order(StringComparer.Ordinal), rule.Key.Names, rule.Key.Verbs))]);
    }

    private static JsonObject Rule(string group, IEnumerable<string> resources, string names, string verbs)
    {
        var rule = new JsonObject { ["apiGroups"] = Texts([group]), ["resources"] = Texts(resources) };
        if (names.Length > 0)
        {
            rule["resourceNames"] = Texts(names.Split(','));
        }

        rule["verbs"] = Texts(verbs.Split(','));
        return rule;
    }

    private static int Rank(string verb) => Array.IndexOf(VerbOrder, verb) is >= 0 and var at ? at : VerbOrder.Length;

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}
