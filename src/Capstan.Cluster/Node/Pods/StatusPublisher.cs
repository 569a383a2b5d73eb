using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Cluster.Kinds;
using Microsoft.Extensions.Logging;

namespace Capstan.Cluster.Node.Pods;

/// <summary>Writes the status of one pod whenever it is another: one write at a time, of the latest state.</summary>
internal sealed class StatusPublisher
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(10);

    private readonly KubeClient _client;
    private readonly PodRecord _pod;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly SemaphoreSlim _writing = new(1, 1);
    private JsonObject _told;
    private bool _isGone;

    public StatusPublisher(KubeClient client, PodRecord pod, ILogger logger)
    {
        (_client, _pod, _logger) = (client, pod, logger);
        _told = pod.Pod.Status is { } status ? ToJson(status) : [];
        pod.Changed += Wake;
    }

    private TimeProvider Time => _client.Options.TimeProvider;

    /// <summary>Publishes until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var retry = FirstRetry;
        while (!_isGone)
        {
            await _changed.WaitAsync(stop);

            // What happens together is told together.
            await Task.Yield();
            try
            {
                await PublishAsync(stop);
                retry = FirstRetry;
            }
            catch (Exception fault) when (!stop.IsCancellationRequested)
            {
                if (!IsPassing(fault))
                {
                    Log.StatusFailed(_logger, _pod.Key.ToString(), retry, fault);
                }

                await Task.Delay(retry, Time, stop);
                retry = retry * 2 > LastRetry ? LastRetry : retry * 2;
                Wake();
            }
        }
    }

    /// <summary>Writes what is, if the server does not have it yet.</summary>
    public async Task PublishAsync(CancellationToken stop)
    {
        await _writing.WaitAsync(stop);
        try
        {
            var wanted = ToJson(PodStatusBuilder.Build(_pod, _told.Deserialize(KindsJson.Default.PodStatus), Time.GetUtcNow()));
            if (_isGone || StatusPatch.Of(_told, wanted) is not { } difference)
            {
                return;
            }

            var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = _pod.Uid }, ["status"] = difference };
            await _client.PatchAsync(Pod.Resource, _pod.Key, PatchType.StrategicMerge, DynamicObject.From(patch).Json, new PatchOptions { Subresource = "status" }, stop);
            _told = wanted;
        }
        catch (ApiException error) when (error.IsNotFound || error.IsConflict)
        {
            // It is gone, or another of its name is there.
            _isGone = true;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Whether what failed may work later.</summary>
    public static bool IsPassing(Exception fault) => fault is ApiException or HttpRequestException or TimeoutException or IOException;

    private void Wake()
    {
        try
        {
            _changed.Release();
        }
        catch (SemaphoreFullException)
        {
            // Woken already.
        }
    }

    private static JsonObject ToJson(PodStatus status) => JsonSerializer.SerializeToNode(status, KindsJson.Default.PodStatus)!.AsObject();
}
