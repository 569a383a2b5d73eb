using Capstan.Watching;

namespace Capstan.Caching;

/// <summary>What a list brings that runs beside a watch, until it is complete: objects that are wanted now and of which the watch has let the last change go by.
/// Its state belongs to the lock of the store.</summary>
internal sealed class GainedObjects(CachePart part)
{
    private readonly Dictionary<ObjectKey, DynamicObject> _found = [];
    private readonly Dictionary<ObjectKey, string> _gone = [];

    public CachePart Part => part;

    /// <summary>What the list has, but for what the watch told the end of since. What the list has of after that end has come back, and counts: the watch, which
    /// is behind the list then, tells of it later.</summary>
    public IEnumerable<DynamicObject> Found => _found.Values.Where(one => !_gone.TryGetValue(one.Key, out var end) || ResourceVersions.Compare(one.ResourceVersion, end) > 0);

    public void Add(DynamicObject value) => _found[value.Key] = value;

    /// <summary>The watch told of a deletion. The list may be from before it.</summary>
    public void Gone(ObjectKey key, string version) => _gone[key] = version;

    /// <summary>What was listed so far does not count.</summary>
    public void Clear() => _found.Clear();
}
