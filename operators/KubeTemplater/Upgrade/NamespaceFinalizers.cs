using System.Text;
using System.Text.Json.Nodes;
using Capstan;
using Capstan.Caching;
using Microsoft.Extensions.Logging;

namespace KubeTemplater.Upgrade;

/// <summary>Removes the finalizer that the Go operator put on every namespace, and without which none of them could be deleted any more.</summary>
/// <remarks>Those that are being deleted go first. One at a time and paced, so that thousands of namespaces are no burst; what is left to do is seen in the
/// namespaces themselves, so a restart goes on where it was.</remarks>
internal sealed class NamespaceFinalizers(KubeClient client, ObjectCache<DynamicObject> namespaces, TimeProvider time, ILogger logger)
{
    /// <summary>The Go operator's finalizer.</summary>
    public const string Name = "kubetemplater.io/namespace-finalizer";

    private const int Terminating = 0;
    private const int Living = 1;
    private const int Refused = 2;
    private static readonly ResourceType _namespace = new("", "v1", "Namespace", "namespaces", Namespaced: false);
    private static readonly TimeSpan _pace = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly PriorityQueue<ObjectKey, int> _pending = new();
    private readonly Dictionary<ObjectKey, int> _places = [];
    private TaskCompletionSource _work = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Takes note of a namespace that carries the finalizer.</summary>
    public void Notice(CacheChange change)
    {
        if (change.New is { } found && found.Finalizers.Contains(Name))
        {
            Put(found.Key, found.DeletionTimestamp is null ? Living : Terminating);
        }
    }

    /// <summary>Removes it wherever it is, until cancelled.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        var removed = 0;
        var pause = _pace;
        while (true)
        {
            if (!TryTake(out var key, out var more))
            {
                if (removed > 0)
                {
                    Log.NamespaceFinalizersRemoved(logger, removed, Name);
                    removed = 0;
                }

                await more.WaitAsync(cancellationToken);
                continue;
            }

            if (namespaces.Get(key) is not { } found || !found.Finalizers.Contains(Name))
            {
                continue;
            }

            try
            {
                await RemoveAsync(found, cancellationToken);
                removed++;
                pause = _pace;
            }
            catch (Exception fault) when (fault is ApiException or HttpRequestException or TimeoutException)
            {
                // Behind all others: one that cannot be freed holds up none that can.
                Log.NamespaceFinalizerStays(logger, Name, key.Name, fault.Message);
                Put(key, Refused);
                pause = pause * 2 < _longestPause ? pause * 2 : _longestPause;
            }

            await Task.Delay(pause, time, cancellationToken);
        }
    }

    /// <summary>The list is replaced whole, so the patch is bound to the version that the list was read from.</summary>
    private async Task RemoveAsync(DynamicObject found, CancellationToken cancellationToken)
    {
        // The first try trusts the cache; what another changed since is read from the server.
        var known = found;
        try
        {
            await client.RetryOnConflictAsync(
                async token =>
                {
                    var current = known ?? await client.GetMetadataAsync(_namespace, found.Key, token);
                    known = null;
                    if (current.Uid != found.Uid || !current.Finalizers.Contains(Name))
                    {
                        return current;
                    }

                    var kept = current.Finalizers.Where(finalizer => finalizer != Name).Select(finalizer => (JsonNode?)finalizer);
                    var patch = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = current.ResourceVersion, ["finalizers"] = new JsonArray([.. kept]) } };
                    return await client.PatchAsync(_namespace, found.Key, PatchType.Merge, Encoding.UTF8.GetBytes(patch.ToJsonString()), cancellationToken: token);
                },
                cancellationToken);
        }
        catch (ApiException gone) when (gone.IsNotFound)
        {
            // Freed by somebody else, and gone.
        }
    }

    private void Put(ObjectKey key, int place)
    {
        lock (_lock)
        {
            if (!_places.TryGetValue(key, out var known) || place < known)
            {
                _places[key] = place;
                _pending.Enqueue(key, place);
                _work.TrySetResult();
            }
        }
    }

    private bool TryTake(out ObjectKey key, out Task more)
    {
        lock (_lock)
        {
            while (_pending.TryDequeue(out key, out var place))
            {
                // Those that moved forward since are in the queue twice.
                if (_places.TryGetValue(key, out var current) && current == place)
                {
                    _places.Remove(key);
                    more = Task.CompletedTask;
                    return true;
                }
            }

            if (_work.Task.IsCompleted)
            {
                _work = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            more = _work.Task;
            return false;
        }
    }
}
