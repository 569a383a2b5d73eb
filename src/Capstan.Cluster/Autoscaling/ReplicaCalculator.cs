using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Autoscaling;

/// <summary>What a pod uses of a resource, in thousandths.</summary>
internal readonly record struct PodUsage(long Milli, DateTimeOffset At, TimeSpan Window);

/// <summary>How far usage may be from its target without anything being done.</summary>
internal readonly record struct Tolerances(double Down, double Up)
{
    public bool Hold(double ratio) => ratio >= 1 - Down && ratio <= 1 + Up;
}

/// <summary>How many replicas a metric asks for, and what it is on average.</summary>
internal readonly record struct Proposal(int Replicas, long AverageMilli, int? Utilization);

/// <summary>How many pods are needed to bring usage to its target, after Kubernetes' replica calculator: where something is not known of a pod, it is taken such that less is done. Pure.</summary>
internal static class ReplicaCalculator
{
    // The defaults of kube-controller-manager.
    private static readonly TimeSpan CpuInitialization = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan InitialReadinessDelay = TimeSpan.FromSeconds(30);

    /// <summary>For a target in percent of what the pods request.</summary>
    /// <exception cref="MetricException">It cannot be told.</exception>
    public static Proposal ByUtilization(int current, int target, string resource, string? container, Tolerances tolerances, IReadOnlyList<Pod> pods, Dictionary<string, PodUsage> usages, DateTimeOffset now)
    {
        var group = Group(pods, usages, resource, now);
        var requests = pods.ToDictionary(pod => pod.Metadata.Name!, pod => Request(pod, resource, container));
        var measured = Measured(usages, group);
        var (ratio, utilization, average) = Utilization(measured, requests, target);
        var replicas = Replicas(
            current, ratio, group, tolerances, measured,
            missing: name => requests[name] * Math.Max(100, target) / 100,
            again: all => Utilization(all, requests, target).Ratio);
        return new(replicas, average, utilization);
    }

    /// <summary>For a target in what each pod uses on average.</summary>
    /// <exception cref="MetricException">It cannot be told.</exception>
    public static Proposal ByValue(int current, long targetMilli, string resource, Tolerances tolerances, IReadOnlyList<Pod> pods, Dictionary<string, PodUsage> usages, DateTimeOffset now)
    {
        var group = Group(pods, usages, resource, now);
        var measured = Measured(usages, group);
        double Ratio(Dictionary<string, long> all) => (double)Average(all) / targetMilli;
        var replicas = Replicas(current, Ratio(measured), group, tolerances, measured, missing: _ => targetMilli, again: Ratio);
        return new(replicas, Average(measured), null);
    }

    private static int Replicas(
        int current, double ratio, PodGroups group, Tolerances tolerances, Dictionary<string, long> measured, Func<string, long> missing, Func<Dictionary<string, long>, double> again)
    {
        var growsWithUnready = group.Unready.Count > 0 && ratio > 1;
        if (!growsWithUnready && group.Missing.Count == 0)
        {
            return tolerances.Hold(ratio) ? current : Ceiling(ratio * group.ReadyCount);
        }

        // Pods of which nothing is known: when there would be fewer, as if they used their target, when there would be more, nothing.
        var all = new Dictionary<string, long>(measured);
        foreach (var name in ratio == 1 ? [] : group.Missing)
        {
            all[name] = ratio < 1 ? missing(name) : 0;
        }

        foreach (var name in growsWithUnready ? group.Unready : [])
        {
            all[name] = 0;
        }

        var newRatio = again(all);
        if (tolerances.Hold(newRatio) || (ratio < 1 && newRatio > 1) || (ratio > 1 && newRatio < 1))
        {
            return current;
        }

        var replicas = Ceiling(newRatio * all.Count);
        return (newRatio < 1 && replicas > current) || (newRatio > 1 && replicas < current) ? current : replicas;
    }

    private static PodGroups Group(IReadOnlyList<Pod> pods, Dictionary<string, PodUsage> usages, string resource, DateTimeOffset now)
    {
        if (pods.Count == 0)
        {
            throw new MetricException("no pods returned by selector while calculating replica count");
        }

        var group = new PodGroups();
        foreach (var pod in pods)
        {
            var name = pod.Metadata.Name!;
            if (pod.Metadata.DeletionTimestamp is not null || pod.Status?.Phase == "Failed")
            {
                group.Ignored.Add(name);
            }
            else if (pod.Status?.Phase == "Pending")
            {
                group.Unready.Add(name);
            }
            else if (!usages.TryGetValue(name, out var usage))
            {
                group.Missing.Add(name);
            }
            else if (resource == "cpu" && IsUnready(pod, usage, now))
            {
                group.Unready.Add(name);
            }
            else
            {
                group.ReadyCount++;
            }
        }

        return group;
    }

    /// <summary>What a pod takes while it starts says nothing of what it will take.</summary>
    private static bool IsUnready(Pod pod, PodUsage usage, DateTimeOffset now)
    {
        if (pod.Condition("Ready") is not { LastTransitionTime: var changed } ready || pod.Status?.StartTime is not { } start)
        {
            return true;
        }

        var since = changed ?? default;
        return start + CpuInitialization > now
            ? ready.Status == "False" || usage.At < since + usage.Window
            : ready.Status == "False" && start + InitialReadinessDelay > since;
    }

    private static Dictionary<string, long> Measured(Dictionary<string, PodUsage> usages, PodGroups group)
    {
        var measured = usages.Where(usage => !group.Ignored.Contains(usage.Key) && !group.Unready.Contains(usage.Key)).ToDictionary(usage => usage.Key, usage => usage.Value.Milli);
        return measured.Count > 0 ? measured : throw new MetricException("did not receive metrics for targeted pods (pods might be unready)");
    }

    private static long Request(Pod pod, string resource, string? container)
    {
        if (container is null && PodLevel(pod, resource) is { } whole)
        {
            return whole;
        }

        long sum = 0;
        foreach (var one in pod.Spec.Containers.Concat((pod.Spec.InitContainers ?? []).Where(init => init.RestartPolicy == "Always")).Where(one => container is null || one.Name == container))
        {
            sum += one.Resources?.Requests is { } requests && requests.TryGetValue(resource, out var request)
                ? Amounts.Milli(request)
                : throw new MetricException($"missing request for {resource} in container {one.Name} of Pod {pod.Metadata.Name}");
            if (container is not null)
            {
                return sum;
            }
        }

        return container is null ? sum : throw new MetricException($"container {container} not found in Pod {pod.Metadata.Name}");
    }

    private static long? PodLevel(Pod pod, string resource) =>
        pod.Spec.UnknownFields?.GetValueOrDefault("resources") is { ValueKind: System.Text.Json.JsonValueKind.Object } resources
        && resources.TryGetProperty("requests", out var requests) && requests.TryGetProperty(resource, out var request) && Quantity.TryParse(request.GetString(), out var amount, out _)
            ? Amounts.Milli(amount)
            : null;

    private static (double Ratio, int Utilization, long Average) Utilization(Dictionary<string, long> usages, Dictionary<string, long> requests, int target)
    {
        var (used, requested, count) = ((Int128)0, (Int128)0, 0);
        foreach (var (name, usage) in usages)
        {
            if (requests.TryGetValue(name, out var request))
            {
                used += usage;
                requested += request;
                count++;
            }
        }

        if (requested == 0)
        {
            throw new MetricException("no metrics returned matched known pods");
        }

        var utilization = (int)Int128.Min(used * 100 / requested, int.MaxValue);
        return ((double)utilization / target, utilization, (long)(used / count));
    }

    private static long Average(Dictionary<string, long> usages) => (long)(usages.Values.Aggregate((Int128)0, static (sum, usage) => sum + usage) / usages.Count);

    private static int Ceiling(double replicas) => replicas >= int.MaxValue ? int.MaxValue : (int)Math.Ceiling(replicas);

    private sealed class PodGroups
    {
        public HashSet<string> Unready { get; } = [];

        public HashSet<string> Missing { get; } = [];

        public HashSet<string> Ignored { get; } = [];

        public int ReadyCount { get; set; }
    }
}

/// <summary>A metric says nothing about the number of replicas, and why, in Kubernetes' words.</summary>
internal sealed class MetricException(string message) : Exception(message);
