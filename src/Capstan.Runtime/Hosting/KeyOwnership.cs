namespace Capstan;

/// <summary>Which keys this replica works on: with sharding its own, with leader election all or none, with neither all.</summary>
/// <remarks>For what is done beside the controllers, on every replica: handlers, runnables, webhooks. Controllers are given their own keys only, without asking. Thread-safe.</remarks>
public sealed class KeyOwnership
{
    private volatile Func<ObjectKey, bool> _has = static _ => false;

    internal KeyOwnership()
    {
    }

    /// <summary>Raised when keys have come or gone, on any thread; short work only.</summary>
    public event Action? Changed;

    /// <summary>Whether this replica works on a key now, whatever kind of object it is the key of. A moment later it may be another's.</summary>
    public bool Has(ObjectKey key) => _has(key);

    internal void Set(Func<ObjectKey, bool> has) => _has = has;

    internal void Tell() => Changed?.Invoke();
}
