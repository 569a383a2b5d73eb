using System.Text.Json.Nodes;
using Capstan;

namespace Databases.Reconciling;

/// <summary>How far a StatefulSet is.</summary>
/// <param name="Wanted">Pods that it is to have.</param>
/// <param name="Ready">Pods that are ready.</param>
/// <param name="Updated">Pods of the newest template.</param>
/// <param name="IsObserved">Whether these numbers are of its present spec, and not of the one before.</param>
internal sealed record StatefulSetState(int Wanted, int Ready, int Updated, bool IsObserved)
{
    /// <summary>All pods are there, of the newest template, and ready.</summary>
    public bool IsComplete => IsObserved && Ready >= Wanted && Updated >= Wanted;

    public static StatefulSetState Of(DynamicObject statefulSet)
    {
        var json = statefulSet.ToJson();
        var status = json["status"];
        return new((int?)json["spec"]?["replicas"] ?? 1, Count("readyReplicas"), Count("updatedReplicas"), (long?)status?["observedGeneration"] >= statefulSet.Generation);

        int Count(string field) => (int?)status?[field] ?? 0;
    }

    /// <summary>The image of its servers.</summary>
    public static string? ImageOf(DynamicObject statefulSet) => (string?)statefulSet.ToJson()["spec"]?["template"]?["spec"]?["containers"]?[0]?["image"];

    /// <summary>Whether a change matters to the Database: not each of the many of a status does.</summary>
    public static bool IsNews(DynamicObject? old, DynamicObject? now) =>
        old is null || now is null || old.Uid != now.Uid || old.Generation != now.Generation || old.DeletionTimestamp != now.DeletionTimestamp || Of(old) != Of(now)
        || !JsonNode.DeepEquals(old.ToJson()["metadata"]!["labels"], now.ToJson()["metadata"]!["labels"]);
}
