using System.Text.Json;
using Capstan.Dashboard.Facts;

namespace Capstan.Dashboard.Trees;

/// <summary>A pod as a node of a tree: state and restarts, and nothing of its spec.</summary>
internal static class PodNodes
{
    /// <summary>Makes the node.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="role">What it is to its owner, such as <c>primary</c>.</param>
    public static TreeNode Of(DynamicObject pod, string? role = null)
    {
        using var document = JsonFacts.Open(pod);
        var root = document.RootElement;
        var containers = root.Items("status", "containerStatuses").ToList();
        var ready = containers.Count(one => one.Flag("ready") == true);
        var restarts = containers.Sum(one => one.Number("restartCount") ?? 0);
        string?[] words = [role, containers.Count > 0 ? $"{ready} of {containers.Count} ready" : null, restarts > 0 ? $"restarted {restarts} times" : null, WaitsFor(containers)];
        return new("Pod", pod.Key.Namespace, pod.Key.Name)
        {
            State = pod.DeletionTimestamp is not null ? "Terminating" : ready > 0 && ready == containers.Count ? "Ready" : root.Text("status", "phase") ?? "Pending",
            Message = string.Join(", ", words.Where(word => word is not null)),
        };
    }

    private static string? WaitsFor(List<JsonElement> containers) => containers
        .Select(one => one.Text("state", "waiting", "reason") ?? one.Text("state", "terminated", "reason"))
        .FirstOrDefault(reason => reason is not null);
}
