using System.Text.Json.Nodes;
using Capstan;
using Databases.Desired;
using Databases.Reconciling;

namespace Databases.Dumps;

/// <summary>What the pods of a Job tell: why they wait, what they did, why they failed.</summary>
[Rbac("", "pods", "list")]
internal sealed class DumpPods(KubeClient client, OwnedObjects owned)
{
    private const string JobUid = "batch.kubernetes.io/controller-uid";

    /// <summary>What the script of a Job that has ended well reported, by name; null when no pod is left that has said anything.</summary>
    public async Task<IReadOnlyDictionary<string, string>?> ReportAsync(string @namespace, JobState job, CancellationToken cancellationToken)
    {
        var message = (await ListAsync(@namespace, job, cancellationToken)).Where(pod => PhaseOf(pod) == "Succeeded").Select(MessageOf).FirstOrDefault(text => text.Length > 0);
        return message?.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0], pair => pair[1]).ToDictionary(one => one.Key, one => one.Last());
    }

    /// <summary>Why a Job has failed: what its last pod said, else what the Job says.</summary>
    public async Task<string> FailureAsync(string @namespace, JobState job, CancellationToken cancellationToken)
    {
        var said = (await ListAsync(@namespace, job, cancellationToken)).Where(pod => PhaseOf(pod) == "Failed").Select(MessageOf).LastOrDefault(text => text.Length > 0);
        return said is null ? $"Job {job.Name} failed: {job.Message}" : $"Job {job.Name} failed: {said.Trim()}";
    }

    /// <summary>Why the pods of a Job that runs do not; null when they do.</summary>
    public string? Trouble(string @namespace, JobState job) =>
        owned.List(ChildKinds.Pod, @namespace, $"{JobUid}={job.Uid}").Select(TroubleOf).FirstOrDefault(trouble => trouble is not null);

    /// <summary>From the server, by age: a cache may show the end of the Job before that of its pod.</summary>
    private async Task<IEnumerable<JsonObject>> ListAsync(string @namespace, JobState job, CancellationToken cancellationToken)
    {
        var pods = await client.ListAsync(ChildKinds.Pod, new ListOptions { Namespace = @namespace, LabelSelector = $"{JobUid}={job.Uid}" }, cancellationToken);
        return pods.Items.Select(pod => pod.ToJson()).OrderBy(pod => (string?)pod["metadata"]!["creationTimestamp"], StringComparer.Ordinal);
    }

    private static string? TroubleOf(DynamicObject pod)
    {
        var status = pod.ToJson()["status"];
        var waits = (status?["containerStatuses"] as JsonArray)?.Select(container => container?["state"]?["waiting"]).FirstOrDefault(waiting => waiting is not null);
        var unplaced = (status?["conditions"] as JsonArray)?.FirstOrDefault(condition => (string?)condition!["type"] == "PodScheduled" && (string?)condition["status"] == "False");
        return waits is not null && (string?)waits["reason"] is not ("ContainerCreating" or "PodInitializing") ? $"pod {pod.Key.Name} waits: {waits["reason"]}: {waits["message"]}"
            : unplaced is not null ? $"pod {pod.Key.Name} waits: {unplaced["message"]}"
            : null;
    }

    private static string? PhaseOf(JsonObject pod) => (string?)pod["status"]?["phase"];

    private static string MessageOf(JsonObject pod) =>
        (string?)(pod["status"]?["containerStatuses"] as JsonArray)?.FirstOrDefault()?["state"]?["terminated"]?["message"] ?? "";
}
