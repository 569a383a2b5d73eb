using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Registry;

internal sealed partial class Writes
{
    private const string Foreground = "foregroundDeletion";
    private const string Orphan = "orphan";
    private const string Orphans = "Orphan";

    // Kinds whose deletion answers the object that went rather than a Status (registry stores with ReturnDeletedObject).
    private static readonly HashSet<string> AnswersObject =
    [
        "namespaces", "persistentvolumeclaims", "persistentvolumes", "pods", "podtemplates", "resourcequotas", "serviceaccounts", "services",
        "csidrivers", "csinodes", "storageclasses", "volumeattachments", "volumeattributesclasses",
    ];

    private static readonly string[] Immortal = ["default", "kube-system", "kube-public"];

    /// <summary>DELETE of one object: it goes at once, or is marked and goes when its finalizers and its grace are over.</summary>
    public async ValueTask<Answer> DeleteAsync(WriteRequest request, DeleteOptions options)
    {
        WarnOfOrphans(request, options);
        var (answer, removed) = await DeleteAsync(request, options, request.Key);
        if (removed && (request.Served.IsCustom || !AnswersObject.Contains(request.Served.Type.Plural)))
        {
            var type = request.Served.Type;
            return new StatusAnswer(200, new ApiStatus
            {
                Status = "Success",
                Details = new ApiStatusDetails
                {
                    Name = request.Info.Name,
                    Group = type.Group.Length == 0 ? null : type.Group,
                    Kind = type.Plural,
                    Uid = answer.Uid,
                },
            });
        }

        // Who says with the older field that dependents go too is told that the object is not gone yet; nobody else is.
        return new ObjectAnswer(!removed && options.OrphanDependents == false ? 202 : 200, request.Served, ObjectBytes.Of(answer.Object));
    }

    /// <summary>A deletion that another request brings about, which admission has heard of.</summary>
    public async ValueTask DeleteAdmittedAsync(WriteRequest request, DeleteOptions options) => await DeleteAsync(request, options, request.Key, isAdmitted: true);

    /// <summary>DELETE of a collection: each selected object as if by itself; answers what there was.</summary>
    public async ValueTask<ListAnswer> DeleteCollectionAsync(WriteRequest request, DeleteOptions options, ListAnswer selected)
    {
        WarnOfOrphans(request, options);
        var shown = new List<StoredObject>(selected.Items.Count);
        foreach (var stored in selected.Items)
        {
            try
            {
                await DeleteAsync(request with { Info = request.Info with { Name = stored.Key.Name, Namespace = stored.Key.Namespace } }, options, stored.Key);
            }
            catch (ApiError e) when (e.Status.Code == 404)
            {
                // Gone meanwhile: as asked.
            }

            shown.Add(stored);
        }

        return selected with { Items = shown, Revision = store.Revision };
    }

    private async ValueTask<((JsonObject Object, string Uid) Answer, bool Removed)> DeleteAsync(WriteRequest request, DeleteOptions options, ObjectKey key, bool isAdmitted = false)
    {
        var served = request.Served;
        while (true)
        {
            var stored = store.Find(served.Bucket, key) ?? throw ApiError.NotFound(request.Resource, key.Name);
            options.CheckPreconditions(served, stored);
            if (served.Bucket == Namespaces && Immortal.Contains(key.Name))
            {
                throw ApiError.Forbidden(request.Resource, key.Name, "this namespace may not be deleted");
            }

            var obj = ObjectBytes.Parse(served, stored);
            if (!isAdmitted)
            {
                await AdmitDeletionAsync(request, options, obj);
                isAdmitted = true;
            }

            if (served.Rules.GracePeriod(obj, options.GracePeriodSeconds) is { } grace)
            {
                if (DeleteGracefully(request, options, stored, obj, grace) is { } done)
                {
                    return done;
                }

                continue;
            }

            var before = obj.DeepClone().AsObject();
            var metadata = obj["metadata"]!.AsObject();
            SetFinalizers(metadata, options.Propagation ?? DefaultPropagation(served, metadata));
            var held = served.Rules.PrepareForDelete(obj, clock.GetUtcNow()) || metadata["finalizers"] is JsonArray { Count: > 0 };
            // Asked after the rules: definitions mark themselves, without a grace period.
            var alreadyDeleting = metadata.Text("deletionTimestamp") is not null;
            if (!held)
            {
                if (options.DryRun)
                {
                    return ((obj, stored.Uid), true);
                }

                if (store.TryRemove(served.Bucket, stored) is { } removed)
                {
                    metadata["resourceVersion"] = removed.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
                    return ((obj, stored.Uid), true);
                }

                continue;
            }

            if (!alreadyDeleting)
            {
                metadata["deletionTimestamp"] = KubeTime.Format(clock.GetUtcNow());
                if (!served.Rules.EndsByPhases)
                {
                    CountDeletion(metadata);
                    metadata["deletionGracePeriodSeconds"] = 0;
                }
            }

            if (options.DryRun || JsonNode.DeepEquals(before, obj))
            {
                return ((obj, stored.Uid), false);
            }

            if (store.TryPut(served.Bucket, Encode(request, obj.DeepClone().AsObject()), stored) is { } marked)
            {
                return ((ObjectBytes.Parse(served, marked), stored.Uid), false);
            }
        }
    }

    private static void CountDeletion(JsonObject metadata)
    {
        if (metadata.Number("generation") is { } generation and > 0)
        {
            metadata["generation"] = generation + 1;
        }
    }

    /// <summary>What was ordered before stands; else the kind decides.</summary>
    private static string? DefaultPropagation(ServedResource served, JsonObject metadata) =>
        !served.IsCustom && BuiltIn.KindTraits.OrphansByDefault(served.Type) && (metadata["finalizers"] as JsonArray)?.Any(f => (string?)f is Foreground or Orphan) != true ? Orphans : null;

    private static void WarnOfOrphans(WriteRequest request, DeleteOptions options)
    {
        if (options.Propagation is null && request.Served is { IsCustom: false, Type: { Group: "batch", Kind: "Job" } })
        {
            request.Warnings.Add("child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning");
        }
    }

    // The garbage collector reads its orders from these two finalizers; at most one may stand.
    private static void SetFinalizers(JsonObject metadata, string? propagation)
    {
        if (propagation is null)
        {
            return;
        }

        var finalizers = metadata["finalizers"] as JsonArray ?? [];
        var kept = new JsonArray([.. finalizers.Where(f => (string?)f is not (Foreground or Orphan)).Select(f => f?.DeepClone())]);
        if (propagation is "Foreground" or "Orphan")
        {
            kept.Add((JsonNode)(propagation == "Foreground" ? Foreground : Orphan));
        }

        if (kept.Count > 0)
        {
            metadata["finalizers"] = kept;
        }
        else
        {
            metadata.Remove("finalizers");
        }
    }
}
