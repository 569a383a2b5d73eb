using Capstan.Caching;
using Capstan.Selectors;
using Capstan.Tool.Load.Measuring;
using KubeTemplater.Resources;

namespace Capstan.Tool.Load.Work;

/// <summary>Sees by a watch, as any client would, what becomes of the objects of a run.</summary>
internal sealed class ObjectWatch : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private ObjectWatch(Informer informer) => _running = informer.RunAsync(_stop.Token);

    /// <summary>Watches the run's objects of a kind; returns once those that are there are known.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="type">Their kind.</param>
    /// <param name="plan">The run.</param>
    /// <param name="seen">Called with each change, one after another.</param>
    /// <param name="stop">Cancels the start.</param>
    public static async Task<ObjectWatch> StartAsync(KubeClient client, ResourceType type, TemplatePlan plan, Action<CacheChange> seen, CancellationToken stop)
    {
        var informer = new Informer(client, type, new() { LabelSelector = LabelSelector.Parse($"{TemplatePlan.RunLabel}={plan.Run}") });
        informer.AddHandler(seen);
        var watch = new ObjectWatch(informer);
        await informer.WaitForSyncAsync(stop);
        return watch;
    }

    /// <summary>Watches the run's templates, and meets expectations of them.</summary>
    public static Task<ObjectWatch> OfTemplatesAsync(LoadScene scene, Expectations expectations, CancellationToken stop) =>
        StartAsync(scene.Client, KubeTemplate.Resource, scene.Plan, change => See(change, expectations), stop);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private static void See(CacheChange change, Expectations expectations)
    {
        if (change.New is null)
        {
            expectations.SeeGone(change.Key);
            return;
        }

        var status = change.New.To<KubeTemplate>().Status;
        if (status?.ProcessingPhase == Phases.Completed)
        {
            expectations.SeeDone(change.Key, status.ObservedGeneration ?? 0);
        }
        else if (status?.ProcessingPhase is Phases.Failed or Phases.Paused)
        {
            expectations.SeeFailed(change.Key, status.Status ?? status.ProcessingPhase);
        }
    }
}
