using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;
using Capstan.Schemas;
using Capstan.Selectors;

namespace Capstan.ApiServer.Http;

/// <summary>Which objects of a resource a list, a watch or a deletion is about: namespace or name of the path, labels and fields.</summary>
internal sealed class Selection
{
    private readonly ServedResource _served;
    private readonly string _namespace;
    private readonly LabelSelector _labels;
    private readonly FieldSelector _fields;
    private readonly bool _needsBody;

    /// <exception cref="ApiError">400: a selector cannot be parsed, or names a field that the kind does not have.</exception>
    public Selection(ServedResource served, RequestInfo request)
    {
        _served = served;
        _namespace = request.Namespace;
        try
        {
            _labels = LabelSelector.Parse(request.Query["labelSelector"].ToString());
            _fields = FieldSelector.Parse(request.Query["fieldSelector"].ToString());
        }
        catch (FormatException e)
        {
            throw ApiError.BadRequest(e.Message);
        }

        Name = request.Name.Length > 0 ? request.Name : null;
        foreach (var requirement in _fields.Requirements)
        {
            if (requirement is { Field: "metadata.name", Operator: FieldOperator.Equals })
            {
                Name ??= requirement.Value;
            }

            if (requirement.Field == "metadata.name" || (requirement.Field == "metadata.namespace" && served.Rules.SelectsNamespace))
            {
                continue;
            }

            if (!served.Rules.SelectableFields.Contains(requirement.Field))
            {
                throw ApiError.BadRequest(served.IsCustom || served.Rules.SelectableFields.Count > 0
                    ? $"field label not supported: {requirement.Field}"
                    : $"{GoFormat.Quote(requirement.Field)} is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
            }

            _needsBody = true;
        }
    }

    /// <summary>The one name that can match; null when any may.</summary>
    public string? Name { get; }

    /// <summary>Whether it is about one object, which is looked up rather than listed.</summary>
    public bool IsOne => Name is not null && (_namespace.Length > 0 || !_served.Type.Namespaced);

    /// <summary>Whether labels or fields narrow the list: then nobody can say how many objects remain.</summary>
    public bool IsNarrow => !_labels.IsEmpty || !_fields.IsEmpty;

    public bool Matches(StoredObject? stored)
    {
        if (stored is null || (_namespace.Length > 0 && stored.Key.Namespace != _namespace) || (Name is not null && stored.Key.Name != Name))
        {
            return false;
        }

        if (!_labels.Matches(stored.Labels))
        {
            return false;
        }

        if (_fields.IsEmpty)
        {
            return true;
        }

        JsonObject? body = null;
        if (_needsBody)
        {
            body = ObjectBytes.Parse(_served, stored);
        }

        return _fields.Matches(field => field switch
        {
            "metadata.name" => stored.Key.Name,
            "metadata.namespace" => stored.Key.Namespace,
            _ => _served.Rules.FieldValue(body!, field),
        });
    }

    /// <summary>The matching objects of a snapshot from <paramref name="first"/> on.</summary>
    public IEnumerable<StoredObject> In(ObjectTree objects, ObjectKey first)
    {
        foreach (var stored in objects.From(first))
        {
            if (_namespace.Length > 0 && stored.Key.Namespace != _namespace)
            {
                yield break;
            }

            if (Matches(stored))
            {
                yield return stored;
            }
        }
    }

    /// <summary>Where a list begins: the first key of the namespace, or of all.</summary>
    public ObjectKey First => new(_namespace, IsOne ? Name! : "");

    /// <summary>How many objects of the snapshot come after <paramref name="last"/>, where no selector narrows.</summary>
    public int CountAfter(ObjectTree objects, ObjectKey last)
    {
        var end = _namespace.Length > 0 ? objects.CountBefore(new ObjectKey(_namespace + "\0", "")) : objects.Count;
        return end - objects.CountBefore(last) - 1;
    }
}
