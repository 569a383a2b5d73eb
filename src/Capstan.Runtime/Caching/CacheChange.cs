namespace Capstan.Caching;

/// <summary>What happened to an object of a cache.</summary>
public enum CacheChangeKind
{
    /// <summary>It is new.</summary>
    Added,

    /// <summary>It changed.</summary>
    Updated,

    /// <summary>It is gone.</summary>
    Deleted,
}

/// <summary>A change of a cache, told to its handlers in the order in which the server made the changes of each object.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Old">The object before; null for <see cref="CacheChangeKind.Added"/>.</param>
/// <param name="New">The object now; null for <see cref="CacheChangeKind.Deleted"/>.</param>
/// <param name="IsInInitialList">The object was there when the informer, or the handler, started.</param>
/// <param name="IsStale">Of a deletion that was missed while not connected: <see cref="Old"/> is the last that was seen, not the last that was.</param>
public readonly record struct CacheChange(CacheChangeKind Kind, DynamicObject? Old, DynamicObject? New, bool IsInInitialList, bool IsStale)
{
    /// <summary>The object now, or as it was last.</summary>
    public DynamicObject Latest => (New ?? Old)!;

    /// <summary>Namespace and name.</summary>
    public ObjectKey Key => Latest.Key;

    /// <summary>Nothing changed: the object is told again because <see cref="InformerOptions.ResyncPeriod"/> passed.</summary>
    public bool IsResync => Old is not null && ReferenceEquals(Old, New);

    internal static CacheChange Added(DynamicObject now, bool isInitial = false) => new(CacheChangeKind.Added, null, now, isInitial, false);

    internal static CacheChange Updated(DynamicObject old, DynamicObject now) => new(CacheChangeKind.Updated, old, now, false, false);

    internal static CacheChange Deleted(DynamicObject last, bool isStale = false) => new(CacheChangeKind.Deleted, last, null, false, isStale);
}
