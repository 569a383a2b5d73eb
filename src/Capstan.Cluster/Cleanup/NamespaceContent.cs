namespace Capstan.Cluster.Cleanup;

/// <summary>What one attempt to empty a namespace came to: objects left by resource and by the finalizer that holds them, and what went wrong.</summary>
internal sealed class NamespaceContent
{
    private readonly SortedDictionary<string, int> _objects = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _held = new(StringComparer.Ordinal);
    private readonly List<string> _failures = [];

    /// <summary>Whether nothing is left, as far as anybody could find out.</summary>
    public bool IsEmpty => _objects.Count == 0 && _failures.Count == 0 && DiscoveryFailure is null;

    /// <summary>Whether pods are left: until they are gone nothing else is touched.</summary>
    public bool HasPods { get; private set; }

    /// <summary>Why the server did not tell all its kinds; null when it did.</summary>
    public string? DiscoveryFailure { get; set; }

    /// <summary>What is told of the failures; null when there are none.</summary>
    public string? Failures => _failures.Count == 0
        ? null
        : $"Failed to delete all resource types, {_failures.Count} remaining: {string.Join(", ", _failures.Order(StringComparer.Ordinal))}";

    /// <summary>What is told of the objects that are left; null when there are none, and while it is pods alone that are waited for, as in Kubernetes.</summary>
    public string? Objects => _objects.Count == 0 || HasPods
        ? null
        : "Some resources are remaining: " + string.Join(", ", _objects.Select(entry => $"{entry.Key} has {entry.Value} resource instances"));

    /// <summary>What is told of the finalizers; null when none holds anything.</summary>
    public string? Finalizers => _held.Count == 0 || HasPods
        ? null
        : "Some content in the namespace has finalizers remaining: " + string.Join(", ", _held.Select(entry => $"{entry.Key} in {entry.Value} resource instances"));

    public void Fail(string why) => _failures.Add(why);

    public void Add(GroupResource resource, IReadOnlyList<DynamicObject> left)
    {
        if (left.Count == 0)
        {
            return;
        }

        // Kubernetes ends a resource of the core group with the dot too.
        _objects[$"{resource.Resource}.{resource.Group}"] = left.Count;
        HasPods |= resource == new GroupResource("", "pods");
        foreach (var finalizer in left.SelectMany(found => found.Finalizers))
        {
            _held[finalizer] = _held.GetValueOrDefault(finalizer) + 1;
        }
    }
}
