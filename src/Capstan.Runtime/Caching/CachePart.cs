namespace Capstan.Caching;

/// <summary>The part of a cache that one watch feeds: a namespace, or all. Its mutable state belongs to the lock of the store.</summary>
/// <param name="ns">The namespace; empty for all.</param>
internal sealed class CachePart(string ns)
{
    private volatile Exception? _error;
    private volatile string? _version;
    private long _heardAt = long.MinValue;

    public string Namespace => ns;

    public WriteOverlay Own { get; } = new();

    /// <summary>Whether the watch lists, or is about to for the first time.</summary>
    public bool IsListing { get; set; } = true;

    /// <summary>What a list beside the watch brings; null while there is none.</summary>
    public GainedObjects? Gained { get; set; }

    /// <summary>Version up to which the watch told everything; null before the first list.</summary>
    public string? Version
    {
        get => _version;
        set => _version = value;
    }

    /// <summary>Timestamp of what the server told last and the cache has; null before the first list.</summary>
    public long? HeardAt => Volatile.Read(ref _heardAt) is var at && at != long.MinValue ? at : null;

    /// <summary>The cache has what the server told at that time.</summary>
    public void Heard(long at) => Volatile.Write(ref _heardAt, at);

    /// <summary>Why the watch does not work right now; null while it does.</summary>
    public Exception? Error
    {
        get => _error;
        set => _error = value;
    }
}
