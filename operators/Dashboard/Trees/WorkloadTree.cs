using System.Text.Json;
using Capstan.Dashboard.Facts;

namespace Capstan.Dashboard.Trees;

/// <summary>What Kubernetes' own controllers made of an object: pods of workloads, jobs of schedules. Read when somebody looks, as somebody who may.</summary>
/// <param name="client">With the reader's own rights: the page shows nobody more than kubectl would.</param>
/// <param name="deadline">Cancelled when no more is to be asked for: what is missing by then says so.</param>
internal sealed class WorkloadTree(KubeClient client, CancellationToken deadline)
{
    private const int Most = 50;

    private static readonly ResourceType Pods = new("", "v1", "Pod", "pods", Namespaced: true);
    private static readonly ResourceType ReplicaSets = new("apps", "v1", "ReplicaSet", "replicasets", Namespaced: true);
    private static readonly ResourceType Jobs = new("batch", "v1", "Job", "jobs", Namespaced: true);
    private static readonly ResourceType Schedules = new("batch", "v1", "CronJob", "cronjobs", Namespaced: true);

    private static readonly Dictionary<string, ResourceType> _workloads = new(StringComparer.Ordinal)
    {
        ["Deployment"] = new("apps", "v1", "Deployment", "deployments", Namespaced: true),
        ["StatefulSet"] = new("apps", "v1", "StatefulSet", "statefulsets", Namespaced: true),
        ["DaemonSet"] = new("apps", "v1", "DaemonSet", "daemonsets", Namespaced: true),
        ["ReplicaSet"] = ReplicaSets,
        ["Job"] = Jobs,
        ["CronJob"] = Schedules,
    };

    /// <summary>Whether objects of the kind have something below them.</summary>
    public static bool Has(string group, string kind) => _workloads.TryGetValue(kind, out var type) && type.Group == group;

    /// <summary>The objects below a workload; in their place a node that says why they cannot be shown.</summary>
    /// <param name="kind">Its kind, one that <see cref="Has"/> knows.</param>
    /// <param name="key">Its key.</param>
    /// <param name="roleOf">What a pod is to its owner.</param>
    /// <param name="stop">Cancels.</param>
    public async Task<IReadOnlyList<TreeNode>> BelowAsync(string kind, ObjectKey key, Func<string, string?>? roleOf, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline, stop);
        try
        {
            return await client.FindAsync(_workloads[kind], key, either.Token) is { } workload ? await ChildrenAsync(workload, roleOf, either.Token) : [];
        }
        catch (Exception error) when (!stop.IsCancellationRequested && error is ApiException or HttpRequestException or TimeoutException or OperationCanceledException)
        {
            return [new("", key.Namespace, "") { State = "Unknown", Message = error.Message }];
        }
    }

    private async Task<IReadOnlyList<TreeNode>> ChildrenAsync(DynamicObject workload, Func<string, string?>? roleOf, CancellationToken stop)
    {
        if (workload.Kind == Schedules.Kind)
        {
            var jobs = await ListAsync(Jobs, workload.Key.Namespace, null, stop);
            return [.. jobs.Where(job => Owns(workload, job)).Select(JobNode)];
        }

        if (SelectorOf(workload) is not { Length: > 0 } selector)
        {
            return [];
        }

        var pods = await ListAsync(Pods, workload.Key.Namespace, selector, stop);
        if (workload.Kind != "Deployment")
        {
            return [.. pods.Where(pod => Owns(workload, pod)).Select(pod => PodNodes.Of(pod, roleOf?.Invoke(pod.Key.Name)))];
        }

        var sets = await ListAsync(ReplicaSets, workload.Key.Namespace, selector, stop);
        return
        [
            .. from set in sets
               where Owns(workload, set)
               let below = pods.Where(pod => Owns(set, pod)).Select(pod => PodNodes.Of(pod)).ToList()
               where below.Count > 0 || IsWanted(set)
               select new TreeNode(ReplicaSets.Kind, set.Key.Namespace, set.Key.Name) { Message = below.Count == 1 ? "1 pod" : $"{below.Count} pods", Children = below },
        ];
    }

    private async Task<List<DynamicObject>> ListAsync(ResourceType type, string @namespace, string? selector, CancellationToken stop)
    {
        var found = new List<DynamicObject>();
        await foreach (var one in client.EnumerateAsync(type, new ListOptions { Namespace = @namespace, LabelSelector = selector }, stop))
        {
            found.Add(one);
            if (found.Count == Most)
            {
                break;
            }
        }

        return found;
    }

    private static bool Owns(DynamicObject owner, DynamicObject owned) => owned.OwnerReferences.Any(reference => reference.Uid == owner.Uid);

    private static bool IsWanted(DynamicObject set)
    {
        using var document = JsonFacts.Open(set);
        return document.RootElement.Number("spec", "replicas") > 0;
    }

    private static TreeNode JobNode(DynamicObject job)
    {
        using var document = JsonFacts.Open(job);
        var ended = document.RootElement.Conditions().FirstOrDefault(one => one is { Type: "Complete" or "Failed", Status: "True" });
        return new(Jobs.Kind, job.Key.Namespace, job.Key.Name) { State = ended?.Type ?? "Running", Message = ended?.Message };
    }

    private static string SelectorOf(DynamicObject workload)
    {
        using var document = JsonFacts.Open(workload);
        var selector = document.RootElement.At("spec", "selector");
        var labels = selector.At("matchLabels") is { ValueKind: JsonValueKind.Object } map
            ? map.EnumerateObject().Select(label => $"{label.Name}={label.Value.GetString()}")
            : [];
        var expressions = selector.Items("matchExpressions").Select(one => one.Text("operator") switch
        {
            "In" => $"{one.Text("key")} in ({Values(one)})",
            "NotIn" => $"{one.Text("key")} notin ({Values(one)})",
            "Exists" => one.Text("key"),
            _ => $"!{one.Text("key")}",
        });
        return string.Join(',', labels.Concat(expressions));

        static string Values(JsonElement one) => string.Join(',', one.Items("values").Select(value => value.GetString()));
    }
}
