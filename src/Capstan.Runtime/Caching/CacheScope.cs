using Capstan.Selectors;

namespace Capstan.Caching;

/// <summary>Which objects an informer is about.</summary>
internal sealed class CacheScope
{
    private readonly LabelSelector _labels;
    private readonly FieldSelector _fields;

    /// <exception cref="ArgumentException">The options contradict each other or the kind.</exception>
    public CacheScope(ResourceType type, InformerOptions options)
    {
        if (options.Namespaces.Count > 0 && !string.IsNullOrEmpty(options.Namespace))
        {
            throw new ArgumentException($"the informer of {type.GroupResource}: either Namespace or Namespaces, not both");
        }

        if (options.Namespaces.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException($"the informer of {type.GroupResource}: an empty name among Namespaces; for all namespaces name none");
        }

        Namespaces = options.Namespaces.Count > 0 ? [.. options.Namespaces.Distinct(StringComparer.Ordinal)] : [options.Namespace ?? ""];
        if (!type.Namespaced && Namespaces[0].Length > 0)
        {
            throw new ArgumentException($"the informer of {type.GroupResource}: the kind has no namespaces");
        }

        _labels = options.LabelSelector;
        try
        {
            _fields = FieldSelector.Parse(options.FieldSelector ?? "");
        }
        catch (FormatException error)
        {
            throw new ArgumentException($"the informer of {type.GroupResource}: {error.Message}", error);
        }
    }

    /// <summary>Namespaces to watch; the empty one stands for all.</summary>
    public IReadOnlyList<string> Namespaces { get; }

    /// <summary>Whether the server would give this object. Of fields only names are known here; for others it is assumed.</summary>
    public bool Holds(DynamicObject value) =>
        _labels.Matches(value.Labels) && _fields.Requirements.All(r => r.Field switch
        {
            "metadata.name" => (r.Value == value.Key.Name) == (r.Operator == FieldOperator.Equals),
            "metadata.namespace" => (r.Value == value.Key.Namespace) == (r.Operator == FieldOperator.Equals),
            _ => true,
        });

    /// <summary>For logs: <c>all namespaces, labels app=shop</c>.</summary>
    public override string ToString()
    {
        var where = Namespaces switch
        {
            [""] => "all namespaces",
            [var one] => $"namespace {one}",
            _ => $"namespaces {string.Join(", ", Namespaces)}",
        };
        return $"{where}{(_labels.IsEmpty ? "" : $", labels {_labels}")}{(_fields.IsEmpty ? "" : $", fields {_fields}")}";
    }
}
