using Capstan.Controllers;
using Capstan.Diagnostics;
using Capstan.Election;
using Capstan.Election.Sharding;
using Capstan.Hosting;
using Microsoft.Extensions.Logging;

namespace Capstan;

/// <summary>Informers, controllers and endpoints that start and stop together. Made by <see cref="OperatorBuilder.Build"/>; runs once.</summary>
/// <remarks>Thread-safe. Signals are the program's: it cancels the token of <see cref="RunAsync"/>.</remarks>
public sealed class Operator
{
    private readonly OperatorParts _parts;
    private readonly OperatorOptions _options;
    private readonly IReadOnlyList<Controller> _controllers;
    private readonly KubeClient? _leaseClient;
    private readonly LeaderElector? _elector;
    private readonly ShardLoop? _membership;
    private readonly SharedKeys? _sharedKeys;
    private readonly OperatorEndpoints _endpoints;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _started;

    internal Operator(OperatorParts parts)
    {
        _parts = parts;
        _options = parts.Options;
        _controllers = parts.Controllers;
        _endpoints = new(parts);
        _logger = _options.LoggerFactory.CreateLogger("capstan.operator");
        if (_options.LeaderElection.Enabled)
        {
            // A client of its own: its renewals wait behind nobody's requests, and pass when the others' writes are refused.
            _leaseClient = new(parts.Client.Config, parts.Client.Options with { QueriesPerSecond = null });
            _elector = new(_leaseClient, _options.LeaderElection, parts.Meter, _options.TimeProvider, _options.Random, _options.LoggerFactory.CreateLogger("capstan.election"));
        }

        _options.Sharding.Validate();
        if (_options.Sharding.Enabled)
        {
            _leaseClient = _elector is null
                ? new(parts.Client.Config, parts.Client.Options)
                : throw new ArgumentException("leader election and sharding exclude each other: one has one replica work, the other all");
            _membership = new(_leaseClient, _options.Sharding, parts.Meter, _options.TimeProvider, _options.Random, _options.LoggerFactory.CreateLogger("capstan.sharding"));
            _sharedKeys = new(_membership, _controllers, _options.Sharding.HoldOwnKeysOnly, parts.Ownership, parts.Meter, _options.TimeProvider, _logger);
        }

        parts.Ownership.Set(_sharedKeys is { } shared ? shared.Wants : _ => IsLeader);

        // Observed even if nobody waits for it.
        _ = _synced.Task.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    /// <summary>Done when all informers have their first list and, with leader election, whether or not this replica leads.
    /// Fails as <see cref="RunAsync"/> does if that is never reached.</summary>
    public Task Synced => _synced.Task;

    /// <summary>Keys that are ready and with no worker, over all controllers.</summary>
    public int QueueDepth => _controllers.Sum(controller => controller.Queue.Depth);

    /// <summary>Runs asked for since the start, over all controllers; several asked for while a key waits are one.</summary>
    public long QueueAdds => _controllers.Sum(controller => controller.Queue.Adds);

    /// <summary>Whether nothing is ready and nothing runs, over all controllers. Keys that wait for a time do not count.</summary>
    public bool IsIdle => _controllers.All(controller => controller.Queue is { Depth: 0, Running: 0 });

    /// <summary>Whether this replica works: always without leader election.</summary>
    public bool IsLeader => _elector is null || _elector.IsLeader;

    /// <summary>Port of <c>/metrics</c>; 0 while it is not served.</summary>
    public int MetricsPort => _endpoints.MetricsPort;

    /// <summary>Port of <c>/healthz</c> and <c>/readyz</c>; 0 while they are not served.</summary>
    public int HealthProbePort => _endpoints.HealthProbePort;

    /// <summary>Port of the webhooks; 0 while they are not served.</summary>
    public int WebhookPort => _endpoints.WebhookPort;

    /// <summary>The page of <c>/metrics</c> as of now; empty while there is none.</summary>
    public string RenderMetrics() => _parts.MetricsPage?.Render() ?? "";

    /// <summary>As <see cref="Synced"/>, with a wait that can be given up.</summary>
    public Task WaitForSyncAsync(CancellationToken cancellationToken = default) => _synced.Task.WaitAsync(cancellationToken);

    /// <summary>Runs until <paramref name="stop"/> is cancelled, then stops in order and returns.</summary>
    /// <exception cref="OperatorException">It cannot run: an address is taken, an informer does not get its list, or leadership was lost. Everything has been stopped.</exception>
    /// <exception cref="InvalidOperationException">It was run before.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            throw new InvalidOperationException("an operator runs once");
        }

        var life = new OperatorLife(_options, _logger);
        try
        {
            await StartAsync(life, stop);
            await life.WaitForEndAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped while it was starting: as good as any other stop.
        }
        catch (Exception exception)
        {
            _synced.TrySetException(exception);
            throw;
        }
        finally
        {
            await StopAsync(life);
        }
    }

    /// <summary>The order of the start.</summary>
    private async Task StartAsync(OperatorLife life, CancellationToken stop)
    {
        Log.OperatorStarting(_logger, _options.Name);

        // 1. Probes and metrics: they must answer while everything else takes its time, also on replicas that do not lead.
        await _endpoints.StartAsync(stop);

        // Whatever must have ended before this replica does anything.
        foreach (var gate in _parts.Gates)
        {
            await gate(stop);
        }

        // Webhooks: without an answer of theirs an API server may refuse the very lists and writes that follow.
        await _endpoints.StartWebhooksAsync(stop);

        // 2. With sharding, whose keys will be ours: the informers need not list the others'.
        if (_sharedKeys is not null)
        {
            try
            {
                await _sharedKeys.PrepareAsync(stop);
            }
            catch (TimeoutException exception)
            {
                throw new OperatorException(exception.Message, exception);
            }
        }

        // Informers, all at once: a reconciler reads several kinds, and must see all of them complete.
        foreach (var informer in _parts.Informers)
        {
            life.Informers.Add(informer.RunAsync(life.InformersStop.Token));
        }

        life.Events = _parts.Events.RunAsync(life.EventsStop.Token);

        // 3. Their first lists, in bounded time: a missing permission must end the program, not leave it idle.
        await InformerStart.WaitForSyncAsync(_parts.Informers, _logger, stop);
        _synced.TrySetResult();

        // 4. Leadership, with warm caches: the work begins at once when it is won.
        if (_elector is not null)
        {
            await _elector.AcquireAsync(stop);
            _parts.Client.WriteGate = () => _elector.IsLeader;
            life.Leadership = _elector.HoldAsync(life.LeadershipStop.Token);
            _parts.Ownership.Tell();
        }

        // Whatever must have ended before this replica works.
        foreach (var gate in _parts.WorkGates)
        {
            await gate(stop);
        }

        if (_membership is not null && _sharedKeys is not null)
        {
            _sharedKeys.Prepared();
            _parts.Client.WriteGate = _membership.MayWrite;
            life.Informers.Add(_sharedKeys.RunAsync(life.InformersStop.Token));
            life.Leadership = _membership.RunAsync(life.LeadershipStop.Token);
        }

        // 5. Workers, last: what they need is there.
        foreach (var controller in _controllers)
        {
            life.Workers.Add(controller.RunAsync(life.Abort.Token));
        }

        life.Runnables.AddRange(_parts.Runnables.Select(runnable => runnable(life.RunnablesStop.Token)));

        Log.OperatorRunning(_logger, _options.Name);
    }

    /// <summary>The order of the stop: the start's, backwards.</summary>
    private async Task StopAsync(OperatorLife life)
    {
        // 5. No new keys. What runs may end, unless leadership is lost: then another replica may be about to start on the same keys.
        Log.OperatorStopping(_logger, _options.Name, _options.GracefulShutdownTimeout, _controllers.Sum(controller => controller.Queue.Running));
        _membership?.Leave();
        foreach (var controller in _controllers)
        {
            controller.Queue.ShutDown();
        }

        await life.DrainAsync(() => _controllers.Sum(controller => controller.Queue.Running));

        await life.EndRunnablesAsync();
        await life.EndEventsAsync();

        if (!life.Drained && life.Leadership is not null)
        {
            ProcessEnd.Now(_options.ExitProcess, _logger, "runs did not end before another replica may start on their keys");
        }

        // 4. The Lease, only now that nothing writes any more.
        if (_membership is not null)
        {
            if (life.Drained && life.Leadership is { IsCompleted: false })
            {
                await _membership.LeaveAsync(_options.Sharding.RenewDeadline / 2, CancellationToken.None);
            }

            await life.LeadershipStop.CancelAsync();
            await life.LeadershipEndedAsync();
            _membership.Dispose();
            _leaseClient!.Dispose();
        }

        if (_elector is not null)
        {
            await life.LeadershipStop.CancelAsync();
            await life.LeadershipEndedAsync();
            if (life.Drained)
            {
                using var limit = new CancellationTokenSource(_options.LeaderElection.RetryPeriod, _options.TimeProvider);
                await _elector.ReleaseAsync(limit.Token);
            }

            _leaseClient!.Dispose();
        }

        // 2. Watches.
        await life.InformersStop.CancelAsync();
        await life.InformersEndedAsync();

        // 1. Webhooks, probes and metrics last: until here they told how the stop goes, and answered for this replica.
        await _endpoints.DisposeAsync();
        _synced.TrySetCanceled(CancellationToken.None);
        life.Dispose();
        _parts.MetricsPage?.Dispose();
        _parts.Meter.Dispose();
        Log.OperatorStopped(_logger, _options.Name);
    }
}
