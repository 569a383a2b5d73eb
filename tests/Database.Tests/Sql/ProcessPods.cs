using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Capstan;
using Capstan.Caching;
using Databases.Desired;

namespace Databases.Tests.Sql;

/// <summary>Stands for a node that runs pods as processes: each pod of a Database is a server on this machine, its volume stays when it goes.</summary>
/// <remarks>There is no proxy of Services: a pod that starts gets the address of the pod that is the primary by the record.</remarks>
internal sealed class ProcessPods : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly KubeClient _client;
    private readonly Task _run;
    private readonly ConcurrentDictionary<ObjectKey, LocalPod> _pods = [];
    private readonly ConcurrentDictionary<ObjectKey, Task> _work = [];
    private readonly HashSet<string> _seen = [];

    public ProcessPods(KubeClient client)
    {
        _client = client;
        var pods = new Informer(client, ChildKinds.Pod);
        pods.AddHandler(change =>
        {
            // Handlers are called one at a time.
            if (change.New is { } pod && _seen.Add($"{pod.Uid}/{pod.DeletionTimestamp is not null}"))
            {
                _work.AddOrUpdate(pod.Key, _ => Task.Run(() => ActAsync(pod)), (_, before) => pod.DeletionTimestamp is null ? AfterAsync(before, pod) : Task.WhenAll(before, ActAsync(pod)));
            }
        });
        _run = pods.RunAsync(_stop.Token);
    }

    public LocalPod this[string @namespace, string name] => _pods[new(@namespace, name)];

    /// <summary>Everything that was said by servers and scripts.</summary>
    public string Log => string.Join('\n', _pods.Select(pod => $"--- {pod.Key}\n{pod.Value.Log}"));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_work.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var pod in _pods.Values)
        {
            await pod.DisposeAsync();
        }

        _stop.Dispose();
    }

    private async Task AfterAsync(Task before, DynamicObject pod)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ActAsync(pod);
    }

    private async Task ActAsync(DynamicObject pod)
    {
        try
        {
            if (pod.DeletionTimestamp is null)
            {
                await StartAsync(pod);
            }
            else
            {
                if (_pods.TryGetValue(pod.Key, out var running))
                {
                    await running.StopAsync();
                }

                await _client.DeleteAsync(ChildKinds.Pod, pod.Key, new() { Uid = pod.Uid, GracePeriodSeconds = 0 }, _stop.Token);
            }
        }
        catch (Exception error) when (error is ApiException or OperationCanceledException)
        {
            // Another pod by now, or the end.
        }
    }

    /// <summary>All pods of a Database are of one template, so any tells what another is like.</summary>
    private LocalPod Local(ObjectKey key, DynamicObject like) => _pods.GetOrAdd(key, _ => LocalPod.Of((JsonObject)like.ToJson()["spec"]!, key.Name));

    private async Task StartAsync(DynamicObject pod)
    {
        var name = pod.Labels["database"];
        var local = Local(pod.Key, pod);
        var secret = await _client.GetAsync(ChildKinds.Secret, new(pod.Key.Namespace, $"{name}-superuser"), _stop.Token);
        foreach (var key in (string[])[DatabaseSecrets.SuperuserKey, DatabaseSecrets.ReplicationKey])
        {
            local.Values[key] = Credentials.Value(secret, key)!;
        }

        var primary = PrimaryRecord.Read(await _client.GetAsync(ChildKinds.ConfigMap, new(pod.Key.Namespace, $"{name}-primary"), _stop.Token))!;
        local.Values[PrimaryRecord.Key] = primary;
        local.ServiceAddress = Local(new(pod.Key.Namespace, primary), pod).Address;
        for (var failures = 0; ; failures++)
        {
            try
            {
                // As a kubelet, again when it fails.
                await local.PrepareAsync(_stop.Token);
                break;
            }
            catch (Xunit.Sdk.XunitException) when (failures < 10)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), _stop.Token);
            }
        }

        await local.RunAsync(_stop.Token);
        var status = new JsonObject
        {
            ["phase"] = "Running",
            ["podIP"] = local.Address,
            ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = local.Address }),
            ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True", ["lastTransitionTime"] = "2026-01-01T00:00:00Z" }),
        };
        var body = System.Text.Encoding.UTF8.GetBytes(new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Uid }, ["status"] = status }.ToJsonString());
        await _client.PatchAsync(ChildKinds.Pod, pod.Key, PatchType.Merge, body, new() { Subresource = "status" }, _stop.Token);
    }
}
