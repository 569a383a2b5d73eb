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

    private readonly KeyValuePair<string, object?> _controller;
    private readonly Counter<long> _total, _errors, _terminalErrors, _panics, _timeouts;
    private readonly UpDownCounter<long> _activeWorkers;
    private readonly Histogram<double> _duration;

    public ControllerInstruments(Meter meter, string name, int maxConcurrentReconciles)
    {
        _controller = new("controller", name);
        _total = meter.CreateCounter<long>("controller_runtime_reconcile_total", null, "Reconciles by result");
        _errors = meter.CreateCounter<long>("controller_runtime_reconcile_errors_total", null, "Reconciles that threw");
        _terminalErrors = meter.CreateCounter<long>("controller_runtime_terminal_reconcile_errors_total", null, "Reconciles that threw and are not tried again");
        _panics = meter.CreateCounter<long>("controller_runtime_reconcile_panics_total", null, "Reconciles that met a bug in the program");
        _timeouts = meter.CreateCounter<long>("controller_runtime_reconcile_timeouts_total", null, "Reconciles that took longer than allowed");
        _activeWorkers = meter.CreateUpDownCounter<long>("controller_runtime_active_workers", null, "Workers with a key");
        _duration = meter.CreateHistogram("controller_runtime_reconcile_time_seconds", "s", "Time of a reconcile", [_controller], new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets });
        meter.CreateObservableGauge(
            "controller_runtime_max_concurrent_reconciles", () => new Measurement<int>(maxConcurrentReconciles, _controller), null, "Workers at most");
        Zero();
    }

    /// <summary>A rate needs its zero: each series exists from the start.</summary>
    private void Zero()
    {
        foreach (var result in Enum.GetValues<Outcome>())
        {
            _total.Add(0, _controller, new("result", Label(result)));
        }

        foreach (var counter in (ReadOnlySpan<Counter<long>>)[_errors, _terminalErrors, _panics, _timeouts])
        {
            counter.Add(0, _controller);
        }

        _activeWorkers.Add(0, _controller);
    }

    public void Started() => _activeWorkers.Add(1, _controller);

    public void Ended(TimeSpan took)
    {
        _activeWorkers.Add(-1, _controller);
        _duration.Record(took.TotalSeconds, _controller);
    }

    /// <summary>The result of one key: a batch has several.</summary>
    public void Counted(Outcome outcome)
    {
        _total.Add(1, _controller, new("result", Label(outcome)));
        if (outcome == Outcome.Error)
        {
            _errors.Add(1, _controller);
        }
    }

    /// <summary>The run was cut off by the operator's stop: it has no result.</summary>
    public void Abandoned() => _activeWorkers.Add(-1, _controller);

    public void FailedForGood() => _terminalErrors.Add(1, _controller);

    public void Panicked() => _panics.Add(1, _controller);

    public void TimedOut() => _timeouts.Add(1, _controller);

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
