using System.Collections.Concurrent;
using Capstan.Caching;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;
using Capstan.Selectors;

namespace Capstan.Cluster.Autoscaling;

/// <summary>Looks at each autoscaler every fifteen seconds, whatever happens in between.</summary>
internal sealed class AutoscalingController(KubeClient client, Informer autoscalers, Informer pods, ComponentEvents events, TimeSpan period) : Reconciler
{
    /// <summary>From look to look, as of kube-controller-manager.</summary>
    public static readonly TimeSpan DefaultPeriod = TimeSpan.FromSeconds(15);

    private const int Workers = 5;

    private readonly ConcurrentDictionary<ObjectKey, Known> _known = new();
    private readonly MetricProposals _proposals = new(new(client), events);

    public static void AddTo(OperatorBuilder builder, SharedInformers informers, ClusterEvents events, TimeSpan? period = null)
    {
        var (autoscalers, pods) = (informers.Of<HorizontalPodAutoscaler>(), informers.Of<Pod>());
        builder.AddController("horizontal-pod-autoscaler", controller =>
        {
            controller.MaxConcurrentReconciles = Workers;
            controller.Reconciler = new AutoscalingController(builder.Client, autoscalers, pods, events.From("horizontal-pod-autoscaler"), period ?? DefaultPeriod);
            controller.For(autoscalers);
        });
    }

    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (autoscalers.CacheOf<HorizontalPodAutoscaler>().Get(key) is not { } autoscaler)
        {
            _known.TryRemove(key, out _);
            return ReconcileResult.Done;
        }

        // The first look comes a period after the autoscaler, as the others after each other: what is written here would else be looked at at once.
        var now = client.Options.TimeProvider.GetUtcNow();
        var known = _known.GetOrAdd(key, static (_, due) => new(due), now + period);
        if (known.Due > now)
        {
            return ReconcileResult.After(known.Due - now);
        }

        known.Due = now + period;
        try
        {
            await new AutoscalerRun(client, pods, _proposals, events, autoscaler, known.History, now).RunAsync((selector, selected) => Claim(key, known, selector, selected), cancellationToken);
        }
        catch (ApiException error) when (error.IsConflict || error.IsNotFound)
        {
            // It changed, or is gone: the next look sees.
        }

        return ReconcileResult.After(period);
    }

    private List<ObjectKey> Claim(ObjectKey key, Known known, LabelSelector selector, IReadOnlyList<Pod> selected)
    {
        known.Selector = selector;
        return [.. _known.Where(other => other.Key != key && other.Key.Namespace == key.Namespace && other.Value.Selector is { } theirs && selected.Any(pod => theirs.Matches(pod.Metadata.Labels))).Select(other => other.Key)];
    }

    private sealed class Known(DateTimeOffset due)
    {
        public DateTimeOffset Due { get; set; } = due;

        public ScalingHistory History { get; } = new();

        public LabelSelector? Selector { get; set; }
    }
}
