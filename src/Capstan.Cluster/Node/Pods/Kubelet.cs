using Capstan.Caching;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Node.Pods;

/// <summary>Gives each pod of the node its worker, and tells the workers what the server tells.</summary>
internal sealed class Kubelet(NodeParts parts) : Reconciler
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, PodWorker> _workers = [];
    private Informer? _pods;
    private bool _stops;

    /// <summary>A worker has ended; another pod of its name may have been waiting.</summary>
    public event Action<ObjectKey>? Ended;

    public IReadOnlyList<PodWorker> Workers
    {
        get
        {
            lock (_lock)
            {
                return [.. _workers.Values];
            }
        }
    }

    public void AddTo(OperatorBuilder builder)
    {
        var pods = _pods = builder.AddInformer(Pod.Resource, new InformerOptions { FieldSelector = $"spec.nodeName={NodeObject.Name}" });
        builder.AddController("kubelet", controller =>
        {
            controller.Reconciler = this;
            controller.MaxConcurrentReconciles = 2;
            controller.For(pods);
            controller.TriggeredBy(run => Ended += run);
        });
    }

    /// <summary>The worker of a pod; null if it has none.</summary>
    public PodWorker? Find(ObjectKey key)
    {
        lock (_lock)
        {
            return _workers.GetValueOrDefault(key);
        }
    }

    public override Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var pod = _pods!.Cache.Get(key)?.To<Pod>();
        PodWorker? worker;
        lock (_lock)
        {
            if (!_workers.TryGetValue(key, out worker) && pod is not null && !_stops)
            {
                var begun = _workers[key] = new PodWorker(pod, parts);
                _ = ForgetAsync(key, begun);
                return Task.FromResult(ReconcileResult.Done);
            }
        }

        // One of the same name waits until the other is gone: two may share a volume.
        if (worker is not null && (pod is null || pod.Metadata.Uid != worker.Record.Uid))
        {
            worker.Remove();
        }
        else
        {
            worker?.Update(pod!);
        }

        return Task.FromResult(ReconcileResult.Done);
    }

    /// <summary>Stops everything that runs; the pods stay on the server.</summary>
    public async Task StopAsync()
    {
        IReadOnlyList<PodWorker> workers;
        lock (_lock)
        {
            _stops = true;
            workers = [.. _workers.Values];
        }

        foreach (var worker in workers)
        {
            worker.StopWithNode();
        }

        await Task.WhenAll(workers.Select(worker => worker.Ended)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ForgetAsync(ObjectKey key, PodWorker worker)
    {
        try
        {
            await worker.Ended;
        }
        catch (Exception fault)
        {
            Log.WorkerFailed(parts.Logger, key.ToString(), fault);
        }

        lock (_lock)
        {
            _workers.Remove(key);
        }

        Ended?.Invoke(key);
    }
}
