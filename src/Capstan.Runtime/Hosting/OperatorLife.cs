using Capstan.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Capstan.Hosting;

/// <summary>What one run of an operator has started, and how each part of it ends.</summary>
internal sealed class OperatorLife(OperatorOptions options, ILogger logger) : IDisposable
{
    public CancellationTokenSource Abort { get; } = new();

    public CancellationTokenSource RunnablesStop { get; } = new();

    public CancellationTokenSource EventsStop { get; } = new();

    /// <summary>Ends the election, or the membership.</summary>
    public CancellationTokenSource LeadershipStop { get; } = new();

    public CancellationTokenSource InformersStop { get; } = new();

    public List<Task> Workers { get; } = [];

    public List<Task> Runnables { get; } = [];

    public List<Task> Informers { get; } = [];

    public Task Events { get; set; } = Task.CompletedTask;

    /// <summary>Ends with the reason why leadership, or the membership among replicas that share keys, was lost for good; null with neither.</summary>
    public Task<string>? Leadership { get; set; }

    /// <summary>Whether every run had ended when <see cref="DrainAsync"/> returned.</summary>
    public bool Drained { get; private set; }

    /// <summary>Returns when asked to stop; throws when the operator cannot go on.</summary>
    public async Task WaitForEndAsync(CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stop.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), stopped);
        var ended = await Task.WhenAny([stopped.Task, .. Informers, .. Workers, .. Runnables, .. Leadership is null ? [] : new Task[] { Leadership }]);
        if (ended == stopped.Task)
        {
            return;
        }

        if (ended == Leadership)
        {
            await Abort.CancelAsync();
            throw new OperatorException(options.Sharding.Enabled
                ? $"lost its place among the replicas of {options.Sharding.Group}: {await Leadership}"
                : $"lost the leadership of {options.LeaderElection.Namespace}/{options.LeaderElection.LeaseName}: {await Leadership}");
        }

        await ended;
        throw new OperatorException("a part of the operator ended by itself");
    }

    /// <summary>Waits for the runs under way: at most the graceful time or until leadership is lost, and once they are cancelled at most what a lost lease leaves.</summary>
    public async Task DrainAsync(Func<int> running)
    {
        var workers = Task.WhenAll(Workers);
        if (!Abort.IsCancellationRequested && !await EndsWithinAsync(Leadership is null ? workers : Task.WhenAny(workers, Leadership), options.GracefulShutdownTimeout))
        {
            Log.RunsCancelled(logger, running(), options.GracefulShutdownTimeout);
        }

        // Cancelled runs that do not listen are left behind: their writes are refused, and the process is about to end.
        await Abort.CancelAsync();
        Drained = await EndsWithinAsync(workers, options.LostLeaseGrace);
    }

    /// <summary>What runs beside the workers ends with them; one that does not listen is left behind, as a run is.</summary>
    public async Task EndRunnablesAsync()
    {
        await RunnablesStop.CancelAsync();
        var ended = Task.WhenAll(Runnables).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        Drained &= await EndsWithinAsync(ended, options.LostLeaseGrace);
    }

    /// <summary>Events that wait are still written, but the stop does not wait long for them.</summary>
    public async Task EndEventsAsync()
    {
        await EventsStop.CancelAsync();
        await EndsWithinAsync(Events, TimeSpan.FromSeconds(1));
    }

    public async Task LeadershipEndedAsync()
    {
        try
        {
            await (Leadership ?? Task.CompletedTask);
        }
        catch (Exception exception)
        {
            // The stop that was asked for; a failure before it has already ended the operator with its reason.
            _ = exception;
        }
    }

    public async Task InformersEndedAsync()
    {
        foreach (var informer in Informers)
        {
            try
            {
                await informer;
            }
            catch (Exception exception)
            {
                // An informer that failed has already ended the operator with its reason.
                _ = exception;
            }
        }
    }

    public void Dispose()
    {
        Abort.Dispose();
        RunnablesStop.Dispose();
        EventsStop.Dispose();
        LeadershipStop.Dispose();
        InformersStop.Dispose();
    }

    private async Task<bool> EndsWithinAsync(Task task, TimeSpan limit)
    {
        try
        {
            await task.WaitAsync(limit, options.TimeProvider);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            return false;
        }

        return true;
    }
}
