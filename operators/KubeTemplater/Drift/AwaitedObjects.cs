using Capstan;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Drift;

/// <summary>Objects of which some template waits for any change, such as becoming ready. Thread-safe.</summary>
internal sealed class AwaitedObjects
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, ObjectIdentity[]> _byTemplate = [];
    private readonly HashSet<ObjectIdentity> _objects = [];

    /// <summary>Whether a template waits for a change of an object.</summary>
    public bool Contains(GroupVersionKind kind, ObjectKey key)
    {
        lock (_lock)
        {
            return _objects.Count > 0 && _objects.Contains(new(kind.Group, kind.Kind, key.Namespace, key.Name));
        }
    }

    /// <summary>A run of the template ended that waits for its objects, or does not.</summary>
    /// <param name="template">The template.</param>
    /// <param name="resources">Its objects; null if it does not wait.</param>
    public void Set(ObjectKey template, IReadOnlyList<ResourceStatus>? resources)
    {
        lock (_lock)
        {
            if (_byTemplate.Remove(template, out var before))
            {
                _objects.ExceptWith(before);
            }

            if (resources is { Count: > 0 })
            {
                _objects.UnionWith(_byTemplate[template] = [.. resources.Select(ObjectIdentity.Of)]);
            }
        }
    }
}
