using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;
using Capstan.Selectors;

namespace Capstan.ApiServer.Admission;

/// <summary>Which requests a webhook or a policy is for: rules, selectors of namespace and object, and whether other versions count. Immutable.</summary>
internal sealed class RequestMatcher
{
    private static readonly GroupResource Namespaces = new("", "namespaces");

    private readonly LabelSelector _namespaces;
    private readonly LabelSelector _objects;
    private readonly RequestRule[]? _rules;
    private readonly RequestRule[] _exceptions;
    private readonly bool _equivalent;

    /// <param name="criteria">The fields <c>namespaceSelector</c>, <c>objectSelector</c> and <c>matchPolicy</c>, and of policies <c>excludeResourceRules</c>.</param>
    /// <param name="rules">The rules: one must match. Null: every request does.</param>
    public RequestMatcher(JsonNode? criteria, IEnumerable<JsonNode?>? rules)
    {
        _namespaces = Selector(criteria.Map("namespaceSelector"));
        _objects = Selector(criteria.Map("objectSelector"));
        _rules = rules?.Select(rule => new RequestRule(rule)).ToArray();
        _exceptions = [.. criteria.Items("excludeResourceRules").Select(rule => new RequestRule(rule))];
        _equivalent = criteria.Text("matchPolicy") == "Equivalent";
    }

    /// <summary>The version of the resource in which the request is to be judged; null when it is not to be judged at all.</summary>
    /// <exception cref="ApiError">404: the namespace that is to be selected by its labels is not there.</exception>
    public ServedResource? Match(AdmissionRequest request, Store store, Catalogue catalogue)
    {
        if (!_objects.IsEmpty && !Selects(request))
        {
            return null;
        }

        var seesNamespace = !_namespaces.IsEmpty && (request.Namespace.Length > 0 || request.IsNamespace);
        var labels = seesNamespace ? NamespaceLabels(request, store) : (true, null);
        if (seesNamespace && labels.Known && !_namespaces.Matches(labels.Labels))
        {
            return null;
        }

        if (_exceptions.Length > 0 && Find(_exceptions, request, catalogue) is not null)
        {
            return null;
        }

        var served = _rules is null ? request.Served : Find(_rules, request, catalogue);
        return served is null || labels.Known ? served : throw ApiError.NotFound(Namespaces, request.Namespace);
    }

    private ServedResource? Find(RequestRule[] rules, AdmissionRequest request, Catalogue catalogue)
    {
        if (Array.Exists(rules, rule => rule.Matches(request, request.Served)))
        {
            return request.Served;
        }

        if (!_equivalent)
        {
            return null;
        }

        // Earlier rules first, then versions in the order in which they are served.
        var others = catalogue.All.Where(other => other.Bucket == request.Served.Bucket && other.Type != request.Served.Type
            && (request.Subresource.Length == 0 || other.FindSubresource(request.Subresource) is not null)).ToList();
        return others.Count == 0 ? null : rules.Select(rule => others.Find(other => rule.Matches(request, other))).FirstOrDefault(other => other is not null);
    }

    private bool Selects(AdmissionRequest request) =>
        (request.Object is not null && _objects.Matches(request.Labels)) || (request.OldObject is not null && _objects.Matches(request.OldLabels));

    private static (bool Known, IReadOnlyDictionary<string, string>? Labels) NamespaceLabels(AdmissionRequest request, Store store)
    {
        // A namespace that is being written is judged by what it is to be.
        if (request is { IsNamespace: true, Subresource.Length: 0, Operation: Operations.Create or Operations.Update })
        {
            return (true, request.Labels);
        }

        return store.Find(Namespaces, ObjectKey.ClusterScoped(request.Namespace)) is { } stored ? (true, stored.Labels) : (false, null);
    }

    private static LabelSelector Selector(JsonObject? selector) => selector is null ? LabelSelector.Everything : LabelSelector.From(selector);
}
