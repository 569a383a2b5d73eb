using System.Text;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;
using Capstan.Schemas;

namespace Capstan.ApiServer.Access.Rbac;

/// <summary>One rule of a role. Immutable.</summary>
internal sealed record PolicyRule(
    IReadOnlyList<string> Verbs, IReadOnlyList<string> ApiGroups, IReadOnlyList<string> Resources, IReadOnlyList<string> ResourceNames,
    IReadOnlyList<string> NonResourceUrls)
{
    private const string All = "*";

    /// <summary>All verbs on all resources.</summary>
    public static readonly PolicyRule Everything = new([All], [All], [All], [], []);

    /// <summary>All verbs on all paths that are no resources.</summary>
    public static readonly PolicyRule EveryPath = new([All], [], [], [], [All]);

    /// <summary>A rule as an object has it.</summary>
    public static PolicyRule Of(JsonNode? rule) => new(
        Texts(rule, "verbs"), Texts(rule, "apiGroups"), Texts(rule, "resources"), Texts(rule, "resourceNames"), Texts(rule, "nonResourceURLs"));

    public static IReadOnlyList<PolicyRule> Rules(JsonNode? role) => [.. role.Items("rules").Select(Of)];

    public bool Allows(AccessQuestion question) => question.IsResource
        ? HasVerb(question.Verb) && HasGroup(question.Group) && HasResource(question.Resource, question.Subresource) && HasName(question.Name)
        : HasVerb(question.Verb) && HasPath(question.Path);

    public bool HasVerb(string verb) => Verbs.Contains(All) || Verbs.Contains(verb);

    public bool HasGroup(string group) => ApiGroups.Contains(All) || ApiGroups.Contains(group);

    /// <summary><c>*</c> is all with their subresources; <c>*/scale</c> that subresource of all.</summary>
    public bool HasResource(string resource, string subresource)
    {
        var combined = subresource.Length == 0 ? resource : $"{resource}/{subresource}";
        return Resources.Contains(All) || Resources.Contains(combined) || (subresource.Length > 0 && Resources.Contains($"*/{subresource}"));
    }

    public bool HasName(string name) => ResourceNames.Count == 0 || ResourceNames.Contains(name);

    public bool HasPath(string path) => NonResourceUrls.Any(url => url == All || url == path
        || (url.EndsWith('*') && path.StartsWith(url.TrimEnd('*'), StringComparison.Ordinal)));

    /// <summary>As messages of Kubernetes write it: <c>{APIGroups:[""], Resources:["pods"], Verbs:["get"]}</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("{");
        void Part(string name, IReadOnlyList<string> values)
        {
            if (values.Count > 0)
            {
                text.Append(text.Length > 1 ? ", " : "").Append(name).Append(":[").AppendJoin(' ', values.Select(GoFormat.Quote)).Append(']');
            }
        }

        Part("APIGroups", ApiGroups);
        Part("Resources", Resources);
        Part("NonResourceURLs", NonResourceUrls);
        Part("ResourceNames", ResourceNames);
        Part("Verbs", Verbs);
        return text.Append('}').ToString();
    }

    private static string[] Texts(JsonNode? rule, string field) => [.. rule.Items(field).Select(v => v.Text() ?? "")];
}
