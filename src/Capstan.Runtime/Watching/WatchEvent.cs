namespace Capstan.Watching;

/// <summary>What a <see cref="Watcher"/> tells.</summary>
public enum WatchEventKind
{
    /// <summary>The whole collection as of one moment, complete: what was known before and is not in it is gone.</summary>
    Restarted,

    /// <summary>An object was created or changed.</summary>
    Applied,

    /// <summary>An object was deleted, or no longer matches the selectors.</summary>
    Deleted,

    /// <summary>Nothing changed up to this version.</summary>
    Bookmark,

    /// <summary>Listing or watching failed; the watcher goes on by itself after <see cref="WatchEvent.RetryIn"/>.</summary>
    Interrupted,
}

/// <summary>One thing that a <see cref="Watcher"/> tells.</summary>
public readonly record struct WatchEvent
{
    private WatchEvent(WatchEventKind kind) => Kind = kind;

    /// <summary>Which members are set.</summary>
    public WatchEventKind Kind { get; private init; }

    /// <summary>The object as it is now, or for <see cref="WatchEventKind.Deleted"/> as it was last.</summary>
    public DynamicObject? Object { get; private init; }

    /// <summary>All objects, for <see cref="WatchEventKind.Restarted"/>; in no certain order.</summary>
    public IReadOnlyList<DynamicObject>? Objects { get; private init; }

    /// <summary>Version of the collection after this event; null for <see cref="WatchEventKind.Interrupted"/>.</summary>
    public string? ResourceVersion { get; private init; }

    /// <summary>Why the watch was interrupted.</summary>
    public Exception? Error { get; private init; }

    /// <summary>When the watcher tries again, counted from when the next event is asked for.</summary>
    public TimeSpan RetryIn { get; private init; }

    /// <summary>Whether the server said it, and not the watcher of itself.</summary>
    internal bool IsFromServer { get; private init; }

    internal static WatchEvent Restarted(IReadOnlyList<DynamicObject> objects, string resourceVersion) =>
        new(WatchEventKind.Restarted) { Objects = objects, ResourceVersion = resourceVersion, IsFromServer = true };

    internal static WatchEvent Applied(DynamicObject value) => new(WatchEventKind.Applied) { Object = value, ResourceVersion = value.ResourceVersion, IsFromServer = true };

    internal static WatchEvent Deleted(DynamicObject value) => new(WatchEventKind.Deleted) { Object = value, ResourceVersion = value.ResourceVersion, IsFromServer = true };

    internal static WatchEvent Bookmark(string resourceVersion) => new(WatchEventKind.Bookmark) { ResourceVersion = resourceVersion, IsFromServer = true };

    /// <summary>A watch goes on where it was interrupted; the server took the request and has said nothing yet.</summary>
    internal static WatchEvent Resumed(string resourceVersion) => new(WatchEventKind.Bookmark) { ResourceVersion = resourceVersion };

    internal static WatchEvent Interrupted(Exception error, TimeSpan retryIn) => new(WatchEventKind.Interrupted) { Error = error, RetryIn = retryIn };
}
