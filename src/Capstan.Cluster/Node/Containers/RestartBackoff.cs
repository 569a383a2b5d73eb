namespace Capstan.Cluster.Node.Containers;

/// <summary>How long a container that ended waits before it is started again: not at all the first time, then ten seconds doubling to five minutes; anew after it
/// ran for ten minutes.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class RestartBackoff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Forgets = TimeSpan.FromMinutes(10);

    private TimeSpan _next;

    /// <summary>The wait after an end.</summary>
    /// <param name="ran">How long it ran.</param>
    public TimeSpan After(TimeSpan ran)
    {
        if (ran >= Forgets)
        {
            _next = TimeSpan.Zero;
        }

        var wait = _next;
        _next = _next == TimeSpan.Zero ? First : _next + _next > Longest ? Longest : _next + _next;
        return wait;
    }
}
