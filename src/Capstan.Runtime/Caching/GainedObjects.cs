namespace Capstan.Caching;

/// <summary>What a list brings that runs beside a watch, until it is complete: objects that are wanted now and of which the watch has let the last change go by.
/// Its state belongs to the lock of the store.</summary>
internal sealed class GainedObjects(CachePart part)
{
    private readonly Dictionary<ObjectKey, DynamicObject> _found = [];
    private readonly HashSet<ObjectKey> _gone = [];

    public CachePart Part => part;

    /// <summary>What the list has, but for what the watch told the end of: if that came back, the watch tells of it too.</summary>
    public IEnumerable<DynamicObject> Found => _found.Values.Where(one => !_gone.Contains(one.Key));

    public void Add(DynamicObject value) => _found[value.Key] = value;

    /// <summary>The watch told of a deletion. The list may be from before it.</summary>
    public void Gone(ObjectKey key) => _gone.Add(key);

    /// <summary>What was listed so far does not count.</summary>
    public void Clear() => _found.Clear();
}
