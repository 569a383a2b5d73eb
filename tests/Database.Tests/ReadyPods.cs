using Capstan;
using Capstan.Caching;
using Databases.Desired;

namespace Databases.Tests;

/// <summary>Stands for a node: pods are ready as soon as they are there.</summary>
internal sealed class ReadyPods : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly KubeClient _client;
    private readonly Task _run;
    private readonly List<Task> _writes = [];

    public ReadyPods(KubeClient client)
    {
        _client = client;
        var pods = new Informer(client, ChildKinds.Pod);
        pods.AddHandler(change =>
        {
            if (change.New is { } pod && (pod.DeletionTimestamp is not null || (string?)pod.ToJson()["status"]?["phase"] == "Pending"))
            {
                lock (_writes)
                {
                    _writes.Add(Task.Run(() => pod.DeletionTimestamp is null ? SayReadyAsync(pod) : EndAsync(pod)));
                }
            }
        });
        _run = pods.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_writes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private Task SayReadyAsync(DynamicObject pod) => UnlessGoneAsync(() => _client.PatchAsync(
        ChildKinds.Pod,
        pod.Key,
        PatchType.Merge,
        """{"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}"""u8.ToArray(),
        new() { Subresource = "status" },
        _stop.Token));

    private Task EndAsync(DynamicObject pod) => UnlessGoneAsync(() => _client.DeleteAsync(ChildKinds.Pod, pod.Key, new() { Uid = pod.Uid, GracePeriodSeconds = 0 }, _stop.Token));

    private static async Task UnlessGoneAsync(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (Exception error) when (error is ApiException or OperationCanceledException)
        {
            // Another pod by now, or the end.
        }
    }
}
