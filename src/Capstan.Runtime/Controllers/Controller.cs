using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Capstan.Diagnostics;
using Capstan.Queueing;
using Microsoft.Extensions.Logging;

namespace Capstan.Controllers;

/// <summary>Takes keys from its queue and has them reconciled, several at a time.</summary>
internal sealed class Controller
{
    private readonly ControllerBuilder _configuration;
    private readonly TimeProvider _time;
    private readonly SharedRandom _random;
    private readonly ILogger _logger;
    private readonly ControllerInstruments _instruments;
    private readonly RunOutcomes _outcomes;

    public Controller(ControllerBuilder configuration, Meter meter, TimeProvider time, ILoggerFactory loggers, Random? random = null)
    {
        Name = configuration.Name;
        Sources = configuration.Sources;
        _configuration = configuration;
        _time = time;
        _random = new(random ?? new());
        _logger = loggers.CreateLogger($"capstan.controller.{Name}");
        Traces = new(Name);
        _instruments = new(meter, Name, configuration.MaxConcurrentReconciles);
        var options = new WorkQueueOptions
        {
            Name = Name,
            RateLimiter = configuration.RateLimiter,
            AgeingStep = configuration.AgeingStep,
            TimeProvider = time,
            Meter = meter,
        };
        Queue = new(options, configuration.FairBetweenNamespaces ? static key => key.Namespace : null);
        _outcomes = new(Name, Queue, _instruments, _random, _logger);
        configuration.Parallel.Share(Queue);
    }

    public string Name { get; }

    /// <summary>Where its keys come from.</summary>
    public IReadOnlyList<ControllerSource> Sources { get; }

    /// <summary>Asked before each run; null runs every key. Set before it runs.</summary>
    public WorkAdmission? Admission { get; set; }

    public WorkQueue<ObjectKey> Queue { get; }

    /// <summary>Where sources put the events that ask for runs.</summary>
    public EventTraces Traces { get; }

    /// <summary>Works until the queue is shut down and every run under way has ended.</summary>
    /// <param name="abort">Cancels the runs under way.</param>
    public async Task RunAsync(CancellationToken abort)
    {
        var workers = _configuration.MaxConcurrentReconciles;
        Log.ControllerStarting(_logger, Name, workers);
        using var stopPeriodic = new CancellationTokenSource();
        var periodic = _configuration.ReconcilePeriod is { } period
            ? new PeriodicReconcile(Queue, _configuration.Primaries, Admission, period, _time, _random).RunAsync(stopPeriodic.Token)
            : Task.CompletedTask;
        try
        {
            await (_configuration.BatchReconciler is { } reconciler
                ? BatchesAsync(reconciler, workers, abort)
                : Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() => WorkAsync(abort), CancellationToken.None))));
        }
        finally
        {
            await stopPeriodic.CancelAsync();
            await periodic.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Task BatchesAsync(BatchReconciler reconciler, int bound, CancellationToken abort)
    {
        var run = new BatchRun(_configuration, Queue, Admission, _outcomes, _instruments, Traces, _time, _logger);
        return new BatchDispatcher(reconciler, Queue, _outcomes, (items, group) => run.RunAsync(items, group, abort)).RunAsync(bound);
    }

    private async Task WorkAsync(CancellationToken abort)
    {
        while (await Queue.GetAsync(CancellationToken.None) is { HasKey: true } item)
        {
            await AdmitAsync(item, abort);
        }
    }

    /// <summary>Has the keys reconciled that the caches know of, as when the operator starts.</summary>
    /// <param name="which">Those of them.</param>
    public void Enqueue(Func<ObjectKey, bool> which)
    {
        foreach (var source in Sources)
        {
            if (source.Informer.Options.Fingerprint is not null)
            {
                // Of those only the keys are known.
                foreach (var key in source.IsPrimary ? source.Informer.Keys.Where(which) : [])
                {
                    Queue.Add(key, Priority.Resync);
                }

                continue;
            }

            foreach (var key in source.Informer.Cache.List().SelectMany(value => source.KeysOf(value, Name, _logger)).Where(which))
            {
                Queue.Add(key, Priority.Resync);
            }
        }
    }

    /// <summary>A key that is not for this replica is let go, and its backoff with it: whoever it is for has seen the same changes.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AdmitAsync(WorkItem<ObjectKey> item, CancellationToken abort)
    {
        if (Admission is not { } admission)
        {
            await ReconcileAsync(item, abort);
            return;
        }

        if (admission.Begin(item.Key) is not { } permit)
        {
            Traces.Forget(item.Key);
            Queue.Forget(item.Key);
            Queue.Done(item.Key);
            return;
        }

        using (permit)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(abort, permit.Lost);
            await ReconcileAsync(item, either.Token);
        }
    }

    /// <summary>One run: whatever comes out of it, the key goes back to the queue and no other key is touched.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReconcileAsync(WorkItem<ObjectKey> item, CancellationToken abort)
    {
        var key = item.Key;
        var id = ReconcileId.Next();
        var startedAt = _time.GetTimestamp();
        _instruments.Started();
        using var scope = Log.ReconcileScope(_logger, Name, key, id);
        using var span = Traces.Begin(key, id, item.Priority);
        if (_logger.IsEnabled(LogLevel.Debug))
        {
            Log.Reconciling(_logger, Name, key, item.Priority.ToString(), id);
        }

        try
        {
            _outcomes.Settle(key, id, await CallAsync(key, abort));
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            // No backoff and no error: the next leader or the next start finds the object as it is.
            _instruments.Abandoned();
            return;
        }
        catch (Exception exception)
        {
            span?.Fail(exception);
            _outcomes.Fail(key, id, exception);
        }
        finally
        {
            Queue.Done(key);
        }

        _instruments.Ended(_time.GetElapsedTime(startedAt));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReconcileResult> CallAsync(ObjectKey key, CancellationToken abort)
    {
        using var limit = new RunLimit(_configuration.ReconcileTimeout, _time, abort);
        try
        {
            return await _configuration.Reconcile!(key, limit.Token);
        }
        catch (OperationCanceledException exception) when (limit.IsOver)
        {
            _instruments.TimedOut();
            throw limit.Error(exception);
        }
    }
}
