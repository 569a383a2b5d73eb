namespace Capstan.Tool.Load.Measuring;

/// <summary>Many durations, and what can be said of them. Thread-safe.</summary>
internal sealed class Durations
{
    private readonly Lock _lock = new();
    private readonly List<double> _milliseconds = [];

    /// <summary>Adds one.</summary>
    public void Add(TimeSpan took)
    {
        lock (_lock)
        {
            _milliseconds.Add(took.TotalMilliseconds);
        }
    }

    /// <summary>How many.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _milliseconds.Count;
            }
        }
    }

    /// <summary>What they are until now; null while there is none.</summary>
    public LatencySummary? Summary()
    {
        double[] sorted;
        lock (_lock)
        {
            sorted = [.. _milliseconds];
        }

        Array.Sort(sorted);
        return sorted.Length == 0
            ? null
            : new(sorted.Length, sorted.Average(), Percentile(sorted, 0.5), Percentile(sorted, 0.9), Percentile(sorted, 0.99), Percentile(sorted, 0.999), sorted[^1]);
    }

    /// <summary>The nearest rank: the least value that is not below <paramref name="part"/> of all.</summary>
    /// <param name="sorted">From the least to the greatest; not empty.</param>
    /// <param name="part">Above 0, at most 1.</param>
    public static double Percentile(ReadOnlySpan<double> sorted, double part) => sorted[Math.Max(0, (int)Math.Ceiling(part * sorted.Length) - 1)];
}

/// <summary>Durations in milliseconds.</summary>
/// <param name="Count">How many.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="P50">Half took no longer.</param>
/// <param name="P90">90 % took no longer.</param>
/// <param name="P99">99 % took no longer.</param>
/// <param name="P999">99.9 % took no longer.</param>
/// <param name="Max">The longest.</param>
internal sealed record LatencySummary(int Count, double Mean, double P50, double P90, double P99, double P999, double Max);
