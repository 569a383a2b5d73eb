namespace Capstan.Cluster.Metrics;

/// <summary>Whose usage it is.</summary>
internal readonly record struct ContainerKey(ObjectKey Pod, string Container);

/// <summary>What a container had used at one moment, since it started.</summary>
internal readonly record struct Sample(DateTimeOffset At, double CpuSeconds, double MemoryBytes, DateTimeOffset StartedAt);

/// <summary>What it used in a span of time.</summary>
/// <param name="At">End of the span.</param>
/// <param name="Window">Its length.</param>
/// <param name="Cores">Processors on average.</param>
/// <param name="MemoryBytes">Memory at its end.</param>
internal readonly record struct Usage(DateTimeOffset At, TimeSpan Window, double Cores, double MemoryBytes)
{
    /// <summary>Between two samples; of one alone, since the container started. Null when no time lies between.</summary>
    public static Usage? Between(Sample? before, Sample now)
    {
        // A container that was started anew has a clock of its own.
        var from = before is { } b && b.StartedAt == now.StartedAt && b.CpuSeconds <= now.CpuSeconds ? b : now with { At = now.StartedAt, CpuSeconds = 0 };
        var window = now.At - from.At;
        return window > TimeSpan.Zero ? new(now.At, window, (now.CpuSeconds - from.CpuSeconds) / window.TotalSeconds, now.MemoryBytes) : null;
    }
}
