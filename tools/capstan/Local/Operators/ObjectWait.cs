using System.Text.Json.Nodes;
using Capstan.Watching;

namespace Capstan.Tool.Local.Operators;

/// <summary>Waits until objects of the cluster are as somebody else is to make them; told by a watch, so that nobody asks again and again.</summary>
/// <param name="client">Watches.</param>
internal sealed class ObjectWait(KubeClient client)
{
    /// <summary>Returns once the object is there and as wanted.</summary>
    /// <param name="type">Its kind.</param>
    /// <param name="key">Its name.</param>
    /// <param name="wanted">Whether it is as wanted.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="stop">Cancels.</param>
    /// <returns>Whether it came to that in time.</returns>
    public async Task<bool> UntilAsync(ResourceType type, ObjectKey key, Predicate<JsonObject> wanted, TimeSpan patience, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(patience, client.Options.TimeProvider);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        var watcher = new Watcher(client, type, new() { Namespace = key.Namespace, FieldSelector = $"metadata.name={key.Name}" });
        try
        {
            await foreach (var told in watcher.RunAsync(end.Token))
            {
                var seen = told.Kind is WatchEventKind.Applied ? [told.Object!] : told.Objects ?? [];
                if (seen.Any(found => wanted(found.ToJson())))
                {
                    return true;
                }
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // Late.
        }

        return false;
    }
}
