using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Registry;

internal sealed partial class Writes
{
    /// <summary>Deletes an object that is given time to end: it is marked first, always, and goes when its time is over, which may be at once.</summary>
    /// <param name="request">The deletion.</param>
    /// <param name="options">How.</param>
    /// <param name="stored">The object as it is.</param>
    /// <param name="obj">The same, to be changed.</param>
    /// <param name="grace">Seconds that it has when it is not marked yet.</param>
    /// <returns>Null: somebody else wrote meanwhile.</returns>
    private ((JsonObject Object, string Uid) Answer, bool Removed)? DeleteGracefully(WriteRequest request, DeleteOptions options, StoredObject stored, JsonObject obj, long grace)
    {
        var (served, uid) = (request.Served, stored.Uid);
        var before = obj.DeepClone();
        var metadata = obj["metadata"]!.AsObject();
        var former = metadata.Number("deletionGracePeriodSeconds") ?? 0;
        if (metadata.Text("deletionTimestamp") is not { } end)
        {
            Mark(metadata, clock.GetUtcNow().AddSeconds(grace), grace);
            CountDeletion(metadata);
        }
        else if (former > 0)
        {
            // It can be told to hurry, but not to take its time.
            if (options.GracePeriodSeconds is not { } period || period >= former)
            {
                return ((obj, uid), false);
            }

            Shorten(metadata, end, former, period);
        }

        SetFinalizers(metadata, options.Propagation);
        var held = metadata.Number("deletionGracePeriodSeconds") is > 0 || metadata["finalizers"] is JsonArray { Count: > 0 };
        if (options.DryRun)
        {
            return ((obj, uid), !held);
        }

        var marked = JsonNode.DeepEquals(before, obj) ? stored : store.TryPut(served.Bucket, Encode(request, obj.DeepClone().AsObject()), stored);
        if (marked is null)
        {
            return null;
        }

        if (held)
        {
            return ((ObjectBytes.Parse(served, marked), uid), false);
        }

        if (store.TryRemove(served.Bucket, marked) is not { } removed)
        {
            return null;
        }

        metadata["resourceVersion"] = removed.Revision.ToString(CultureInfo.InvariantCulture);
        return ((obj, uid), true);
    }

    private void Shorten(JsonObject metadata, string end, long former, long period)
    {
        var now = clock.GetUtcNow();
        var sooner = DateTimeOffset.Parse(end, CultureInfo.InvariantCulture).AddSeconds(period - former);
        if (sooner < now)
        {
            (sooner, period) = (now, Math.Min(period, 1));
        }

        Mark(metadata, sooner, period);
    }

    private static void Mark(JsonObject metadata, DateTimeOffset end, long grace)
    {
        metadata["deletionTimestamp"] = KubeTime.Format(end);
        metadata["deletionGracePeriodSeconds"] = grace;
    }
}
