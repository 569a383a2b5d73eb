namespace Databases.Metrics;

/// <summary>Counts the runs of the last minute. Thread-safe.</summary>
internal sealed class RunRate(TimeProvider time)
{
    private const int Seconds = 60;

    private readonly Lock _gate = new();
    private readonly long[] _runs = new long[Seconds];
    private readonly long _begin = time.GetTimestamp();
    private long _second;

    public void Ran()
    {
        lock (_gate)
        {
            Advance_NeedsLock();
            _runs[_second % Seconds]++;
        }
    }

    public double PerSecond()
    {
        lock (_gate)
        {
            Advance_NeedsLock();
            return _runs.Sum() / (double)Seconds;
        }
    }

    /// <summary>Empties the seconds that have passed since.</summary>
    private void Advance_NeedsLock()
    {
        var now = (long)time.GetElapsedTime(_begin).TotalSeconds;
        for (var passed = 0; _second < now && passed < Seconds; passed++)
        {
            _runs[++_second % Seconds] = 0;
        }

        _second = now;
    }
}
