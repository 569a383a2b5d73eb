using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Capstan.Caching;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Workloads.DaemonSets;

namespace Capstan.Cluster.Tests.Workloads;

/// <summary>Plays the node: gives each pod a node, has it run and be ready, and lets go of it when it is deleted. A test may say otherwise for some of them.</summary>
internal sealed class PodActor : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly KubeClient _client;
    private readonly Informer _pods;
    private readonly ConcurrentDictionary<string, Task> _latest = [];
    private readonly Task _running;

    public PodActor(KubeClient client)
    {
        _client = client;
        _pods = new Informer(client, Pod.Resource);
        _pods.AddHandler(change => _latest.AddOrUpdate(change.Key.ToString(), _ => PlayAsync(change), (_, before) => before.ContinueWith(_ => PlayAsync(change), TaskScheduler.Default).Unwrap()));
        _running = _pods.RunAsync(_stop.Token);
    }

    /// <summary>Whether a pod may become ready. Default: all do.</summary>
    public Func<Pod, bool> BecomesReady { get; set; } = static _ => true;

    /// <summary>Pods as the actor sees them.</summary>
    public IReadOnlyList<Pod> Pods => _pods.CacheOf<Pod>().List();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_latest.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    /// <summary>Sets a pod's phase, and whether it is ready.</summary>
    public static Task SetAsync(KubeClient client, Pod pod, string phase, bool ready, CancellationToken cancellationToken, DateTimeOffset? since = null)
    {
        var status = new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid },
            ["status"] = new JsonObject
            {
                ["phase"] = phase,
                ["conditions"] = new JsonArray(new JsonObject
                {
                    ["type"] = "Ready", ["status"] = ready ? "True" : "False", ["lastTransitionTime"] = KubeTime.Format(since ?? DateTimeOffset.UtcNow),
                }),
            },
        };
        return client.PatchAsync(Pod.Resource, pod.Key, PatchType.StrategicMerge, DynamicObject.From(status).Json, new PatchOptions { Subresource = "status" }, cancellationToken);
    }

    private async Task PlayAsync(CacheChange change)
    {
        if (change.New?.To<Pod>() is not { } pod)
        {
            return;
        }

        try
        {
            if (pod.Metadata.DeletionTimestamp is not null)
            {
                await _client.DeleteAsync(Pod.Resource, pod.Key, new DeleteOptions { GracePeriodSeconds = 0, Uid = pod.Metadata.Uid }, _stop.Token);
            }
            else if (string.IsNullOrEmpty(pod.Spec.NodeName))
            {
                var binding = new JsonObject
                {
                    ["apiVersion"] = "v1", ["kind"] = "Binding", ["metadata"] = new JsonObject { ["name"] = pod.Key.Name, ["namespace"] = pod.Key.Namespace, ["uid"] = pod.Metadata.Uid },
                    ["target"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["name"] = DaemonPod.NodeOf(pod) ?? "node-1" },
                };
                await _client.CreateAsync(Pod.Resource, DynamicObject.From(binding), new WriteOptions { Subresource = "binding" }, _stop.Token);
            }
            else if (!pod.HasEnded && !pod.IsReady && BecomesReady(pod))
            {
                await SetAsync(_client, pod, "Running", ready: true, _stop.Token);
            }
        }
        catch (ApiException error) when (error.IsNotFound || error.IsConflict)
        {
            // Another came first: the watch tells.
        }
    }
}
