namespace Capstan.Caching;

/// <summary>An informer did not come to hold the server's state in time.</summary>
public sealed class CacheSyncException : Exception
{
    internal CacheSyncException(ResourceType type, string scope, TimeSpan timeout, Exception? reason, bool handlersAreLate)
        : base(
            $"the cache of {type.GroupVersionKind} ({scope}) did not sync within {timeout.TotalSeconds:0.#} s: "
            + (reason?.Message ?? (handlersAreLate ? "a handler has not taken the first state yet" : "the server has not answered")),
            reason)
    {
        Type = type;
    }

    /// <summary>Kind of the cache.</summary>
    public ResourceType Type { get; }
}
