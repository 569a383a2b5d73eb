namespace Capstan.Watching;

/// <summary>How long a watcher waits after a failure: longer each time, until things go well again.</summary>
/// <remarks>Not thread-safe, but for the random that many share.</remarks>
internal sealed class WatchBackoff(WatcherOptions options, TimeProvider time, Random random)
{
    // Waits of less than a tenth of the time between failures cost nobody anything: there is no need to wait longer.
    private const int Leisure = 10;

    private int _failures;
    private long _lastFailure;
    private TimeSpan _lastWait;

    /// <summary>Whether the next failure would be the first.</summary>
    public bool IsFresh => _failures == 0 || time.GetElapsedTime(_lastFailure) is var since && (since > options.BackoffReset || since > _lastWait * Leisure);

    /// <summary>Something came of the last try: the next failure is a first one.</summary>
    public void Reset() => _failures = 0;

    /// <summary>Counts a failure and tells how long to wait after it.</summary>
    public TimeSpan Next()
    {
        _failures = IsFresh ? 1 : _failures + 1;
        _lastFailure = time.GetTimestamp();
        var wait = options.MinBackoff * Math.Pow(2, Math.Min(_failures - 1, 30));
        lock (random)
        {
            return _lastWait = (wait < options.MaxBackoff ? wait : options.MaxBackoff) * (1 + random.NextDouble());
        }
    }
}
