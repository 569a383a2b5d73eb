namespace Capstan.Dashboard.Metrics;

/// <summary>Points of the charts.</summary>
/// <param name="Interval">Seconds between them, about.</param>
/// <param name="Points">By time.</param>
internal sealed record HistoryAnswer(double Interval, IReadOnlyList<HistoryPoint> Points);

/// <summary>What was seen at a time. Rates are by second, over the time since the point before.</summary>
/// <param name="Time">When, in milliseconds since 1970.</param>
internal sealed record HistoryPoint(long Time)
{
    /// <summary>Keys that wait for a worker, by controller.</summary>
    public IReadOnlyDictionary<string, double> Depth { get; init; } = new Dictionary<string, double>();

    /// <summary>Runs, by controller.</summary>
    public IReadOnlyDictionary<string, double> Runs { get; init; } = new Dictionary<string, double>();

    /// <summary>Runs that failed, by controller.</summary>
    public IReadOnlyDictionary<string, double> Errors { get; init; } = new Dictionary<string, double>();

    /// <summary>Requests to the API server, by HTTP method.</summary>
    public IReadOnlyDictionary<string, double> Requests { get; init; } = new Dictionary<string, double>();

    /// <summary>Objects put right, templates refused.</summary>
    public IReadOnlyDictionary<string, double> Happenings { get; init; } = new Dictionary<string, double>();

    /// <summary>Seconds that 95 of 100 runs took at most; absent where none ended.</summary>
    public double? SlowestRun { get; init; }
}
