using System.Diagnostics.Metrics;

namespace Capstan.Controllers;

/// <summary>The <c>controller_runtime_*</c> metrics of one controller.</summary>
internal sealed class ControllerInstruments
{
    private static readonly double[] Buckets =
    [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2, 2.5,
        3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
    ];

    private readonly KeyValuePair<string, object?> controller;
    private readonly Counter<long> total, errors, terminalErrors, panics, timeouts;
    private readonly UpDownCounter<long> activeWorkers;
    private readonly Histogram<double> duration;

    public ControllerInstruments(Meter meter, string name, int maxConcurrentReconciles)
    {
        controller = new("controller", name);
        total = meter.CreateCounter<long>("controller_runtime_reconcile_total", null, "Reconciles by result");
        errors = meter.CreateCounter<long>("controller_runtime_reconcile_errors_total", null, "Reconciles that threw");
        terminalErrors = meter.CreateCounter<long>("controller_runtime_terminal_reconcile_errors_total", null, "Reconciles that threw and are not tried again");
        panics = meter.CreateCounter<long>("controller_runtime_reconcile_panics_total", null, "Reconciles that met a bug in the program");
        timeouts = meter.CreateCounter<long>("controller_runtime_reconcile_timeouts_total", null, "Reconciles that took longer than allowed");
        activeWorkers = meter.CreateUpDownCounter<long>("controller_runtime_active_workers", null, "Workers with a key");
        duration = meter.CreateHistogram("controller_runtime_reconcile_time_seconds", "s", "Time of a reconcile", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets });
        meter.CreateObservableGauge(
            "controller_runtime_max_concurrent_reconciles", () => new Measurement<int>(maxConcurrentReconciles, controller), null, "Workers at most");
        Zero();
    }

    /// <summary>A rate needs its zero: each series exists from the start.</summary>
    private void Zero()
    {
        foreach (var result in Enum.GetValues<Outcome>())
        {
            total.Add(0, controller, new("result", Label(result)));
        }

        foreach (var counter in (ReadOnlySpan<Counter<long>>)[errors, terminalErrors, panics, timeouts])
        {
            counter.Add(0, controller);
        }

        activeWorkers.Add(0, controller);
    }

    public void Started() => activeWorkers.Add(1, controller);

    public void Ended(Outcome outcome, TimeSpan took)
    {
        activeWorkers.Add(-1, controller);
        duration.Record(took.TotalSeconds, controller);
        total.Add(1, controller, new("result", Label(outcome)));
        if (outcome == Outcome.Error)
        {
            errors.Add(1, controller);
        }
    }

    /// <summary>The run was cut off by the operator's stop: it has no result.</summary>
    public void Abandoned() => activeWorkers.Add(-1, controller);

    public void FailedForGood() => terminalErrors.Add(1, controller);

    public void Panicked() => panics.Add(1, controller);

    public void TimedOut() => timeouts.Add(1, controller);

    public static string Label(Outcome outcome) => outcome switch
    {
        Outcome.Success => "success",
        Outcome.Error => "error",
        Outcome.Requeue => "requeue",
        _ => "requeue_after",
    };
}

/// <summary>How a run ended, as the metric <c>controller_runtime_reconcile_total</c> counts it.</summary>
internal enum Outcome
{
    Success,
    Error,
    Requeue,
    RequeueAfter,
}
