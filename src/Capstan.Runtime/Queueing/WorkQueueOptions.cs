using System.Diagnostics.Metrics;

namespace Capstan.Queueing;

/// <summary>How a <see cref="WorkQueue{TKey}"/> behaves.</summary>
public sealed class WorkQueueOptions
{
    /// <summary>Label <c>name</c> (and <c>controller</c>) of the metrics. Default <c>queue</c>.</summary>
    public string Name { get; set; } = "queue";

    /// <summary>Delay of <see cref="WorkQueue{TKey}.AddRateLimited"/> by the key's count of failures. Default: 5 ms doubling to 1000 s.</summary>
    public RateLimiter RateLimiter { get; set; } = new ExponentialBackoff();

    /// <summary>Head start of each priority over the next lower one: a key that has waited this much longer is taken first. Default 10 s.</summary>
    public TimeSpan AgeingStep { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Clock of delays and durations. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where the <c>workqueue_*</c> metrics go; null for none, the default.</summary>
    public Meter? Meter { get; set; }
}
