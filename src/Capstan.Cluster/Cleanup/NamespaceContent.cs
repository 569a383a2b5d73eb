namespace Capstan.Cluster.Cleanup;

/// <summary>What one look at a terminating namespace found still there: objects by resource, and objects by the finalizer that holds them.</summary>
internal sealed class NamespaceContent
{
    private readonly SortedDictionary<string, int> _objects = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _held = new(StringComparer.Ordinal);

    public bool IsEmpty => _objects.Count == 0;

    public void Add(GroupResource resource, DynamicObject left)
    {
        // Kubernetes ends a resource of the core group with the dot too.
        Count(_objects, $"{resource.Resource}.{resource.Group}");
        foreach (var finalizer in left.Finalizers)
        {
            Count(_held, finalizer);
        }
    }

    /// <summary>For the condition NamespaceContentRemaining.</summary>
    public string Objects => "Some resources are remaining: " + string.Join(", ", _objects.Select(entry => $"{entry.Key} has {entry.Value} resource instances"));

    /// <summary>For the condition NamespaceFinalizersRemaining; null when no finalizer holds anything.</summary>
    public string? Finalizers => _held.Count == 0
        ? null
        : "Some content in the namespace has finalizers remaining: " + string.Join(", ", _held.Select(entry => $"{entry.Key} in {entry.Value} resource instances"));

    private static void Count(SortedDictionary<string, int> counts, string key) => counts[key] = counts.GetValueOrDefault(key) + 1;
}
