using System.Text.Json.Nodes;
using Capstan;
using Capstan.Caching;
using Databases.Desired;

namespace Databases.Tests;

/// <summary>Stands for the controller of StatefulSets where there are no pods: it says that all are ready, once it is told to.</summary>
internal sealed class ReadyServers : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly KubeClient _client;
    private readonly Task _run;
    private readonly List<Task> _writes = [];

    public ReadyServers(KubeClient client)
    {
        _client = client;
        var sets = new Informer(client, ChildKinds.StatefulSet);
        sets.AddHandler(change =>
        {
            if (change.New is { DeletionTimestamp: null } now)
            {
                lock (_writes)
                {
                    _writes.Add(Task.Run(() => SayReadyAsync(now)));
                }
            }
        });
        _run = sets.RunAsync(_stop.Token);
    }

    /// <summary>Whether pods become ready; false: they start and no more.</summary>
    public bool AreReady { get; set; } = true;

    /// <summary>Ready pods of a StatefulSet, for one that is to look broken.</summary>
    public async Task SayReadyAsync(DynamicObject set, int? ready = null)
    {
        var replicas = (int)set.ToJson()["spec"]!["replicas"]!;
        var status = new JsonObject
        {
            ["observedGeneration"] = set.Generation, ["replicas"] = replicas, ["updatedReplicas"] = replicas, ["readyReplicas"] = ready ?? (AreReady ? replicas : 0),
        };
        var body = System.Text.Encoding.UTF8.GetBytes(new JsonObject { ["status"] = status }.ToJsonString());
        try
        {
            await _client.PatchAsync(ChildKinds.StatefulSet, set.Key, PatchType.Merge, body, new() { Subresource = "status" }, _stop.Token);
        }
        catch (Exception error) when (error is ApiException { IsNotFound: true } or OperationCanceledException)
        {
            // Deleted meanwhile.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_writes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }
}
