using System.Text.Json.Nodes;
using Capstan;
using Databases.Desired;

namespace Databases.Reconciling;

/// <summary>What matters of a pod.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Tells it from the next one of that name.</param>
/// <param name="Address">Where its server listens; null before it has one.</param>
/// <param name="IsReady">Whether its server takes connections.</param>
/// <param name="IsGoing">Whether it is being deleted.</param>
/// <param name="StartedAt">When it was made.</param>
/// <param name="Role">Value of the operator's label.</param>
internal sealed record PodState(string Name, string Uid, string? Address, bool IsReady, bool IsGoing, DateTimeOffset StartedAt, string? Role)
{
    public static PodState Of(DynamicObject pod)
    {
        var json = pod.ToJson();
        return new(
            pod.Key.Name,
            pod.Uid ?? "",
            (string?)json["status"]?["podIP"],
            (json["status"]?["conditions"] as JsonArray)?.Any(condition => (string?)condition?["type"] == "Ready" && (string?)condition["status"] == "True") == true,
            pod.DeletionTimestamp is not null,
            KubeTime.TryParse((string?)json["metadata"]?["creationTimestamp"], out var at) ? at : DateTimeOffset.UnixEpoch,
            pod.Labels.GetValueOrDefault(ChildNames.Role));
    }

    /// <summary>Whether a change matters to the Database.</summary>
    public static bool IsNews(DynamicObject? old, DynamicObject? now) => old is null || now is null || Of(old) != Of(now);
}
