using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Admission;

/// <summary>Which requests are meant, by operation and resource. Immutable.</summary>
internal sealed class RequestRule
{
    private readonly string[] _operations;
    private readonly string[] _groups;
    private readonly string[] _versions;
    private readonly string[] _names;
    private readonly (string Resource, string Subresource)[] _resources;
    private readonly string _scope;

    public RequestRule(JsonNode? rule)
    {
        _operations = Texts(rule, "operations");
        _groups = Texts(rule, "apiGroups");
        _versions = Texts(rule, "apiVersions");
        _names = Texts(rule, "resourceNames");
        _resources = [.. Texts(rule, "resources").Select(Split)];
        _scope = rule.Text("scope") ?? Operations.Any;
    }

    /// <summary>Whether the rule means the request when it is seen as one of <paramref name="served"/>, a version of its resource.</summary>
    public bool Matches(AdmissionRequest request, ServedResource served)
    {
        var type = served.Type;
        return Has(_operations, request.Operation) && Has(_groups, type.Group) && Has(_versions, type.Version)
            && HasResource(type.Plural, request.Subresource) && HasScope(request)
            && (_names.Length == 0 || Array.IndexOf(_names, request.Name) >= 0);
    }

    private bool HasResource(string plural, string subresource)
    {
        foreach (var (resource, sub) in _resources)
        {
            if ((resource == Operations.Any || resource == plural) && (sub == Operations.Any || sub == subresource))
            {
                return true;
            }
        }

        return false;
    }

    // A namespace is an object of the cluster, though it counts as one in itself elsewhere.
    private bool HasScope(AdmissionRequest request) => _scope switch
    {
        "Namespaced" => !request.IsNamespace && request.Namespace.Length > 0,
        "Cluster" => request.IsNamespace || request.Namespace.Length == 0,
        _ => true,
    };

    private static bool Has(string[] items, string wanted) => Array.IndexOf(items, Operations.Any) >= 0 || Array.IndexOf(items, wanted) >= 0;

    private static (string Resource, string Subresource) Split(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (text, "") : (text[..slash], text[(slash + 1)..]);
    }

    private static string[] Texts(JsonNode? rule, string field) => [.. rule.Items(field).Select(item => item.Text() ?? "")];
}
