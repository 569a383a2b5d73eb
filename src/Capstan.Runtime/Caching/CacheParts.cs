namespace Capstan.Caching;

/// <summary>The parts of a cache, each with a watch of its own.</summary>
internal sealed class CacheParts
{
    private readonly CachePart? _whole;
    private readonly Dictionary<string, CachePart> _byNamespace = new(StringComparer.Ordinal);

    public CacheParts(CacheScope scope)
    {
        All = [.. scope.Namespaces.Select(n => new CachePart(n))];
        _whole = All is [{ Namespace: "" } all] ? all : null;
        foreach (var part in All)
        {
            _byNamespace.Add(part.Namespace, part);
        }
    }

    public IReadOnlyList<CachePart> All { get; }

    public bool HaveNoOwnWrites => All.All(p => p.Own.IsEmpty);

    /// <summary>Version up to which all parts are complete; null before the first list of one.</summary>
    public string? Version => All.Any(p => p.Version is null) ? null
        : All.Select(p => p.Version).Aggregate(static (one, other) => Watching.ResourceVersions.Compare(one, other) > 0 ? other : one);

    /// <summary>Timestamp up to which all parts were heard of; null before the first list of one.</summary>
    public long? HeardAt => All.Any(p => p.HeardAt is null) ? null : All.Min(p => p.HeardAt);

    /// <summary>The first error of a part; null while all work.</summary>
    public Exception? Error => All.Select(p => p.Error).FirstOrDefault(e => e is not null);

    /// <summary>The part that an object belongs to; null if no watch would tell of it.</summary>
    public CachePart? Of(ObjectKey key) => _whole ?? _byNamespace.GetValueOrDefault(key.Namespace);
}
