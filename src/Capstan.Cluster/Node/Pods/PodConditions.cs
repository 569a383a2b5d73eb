using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Node.Pods;

/// <summary>The conditions that a kubelet sets, with its reasons and words.</summary>
internal static class PodConditions
{
    private const string NotReady = "ContainersNotReady";

    /// <summary>The five, in a kubelet's order, without times.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="phase">Its phase.</param>
    /// <param name="isSandboxReady">Whether its containers can be started.</param>
    public static IReadOnlyList<PodCondition> Of(PodRecord pod, string phase, bool isSandboxReady)
    {
        var containersReady = ContainersReady(pod, phase);
        return
        [
            new() { Type = "PodReadyToStartContainers", Status = isSandboxReady ? "True" : "False" },
            Initialized(pod, phase),
            Ready(pod, containersReady),
            containersReady,
            new() { Type = "PodScheduled", Status = "True" },
        ];
    }

    private static PodCondition Initialized(PodRecord pod, string phase)
    {
        if (phase == "Succeeded")
        {
            return new() { Type = "Initialized", Status = "True", Reason = "PodCompleted" };
        }

        var incomplete = pod.InitContainers.Where(container => !(container.IsSidecar ? container.Facts.Started : container.Facts.Ready)).Select(container => container.Name).ToList();
        return incomplete.Count == 0 || pod.Containers.Any(container => container.Facts.ContainerId is not null)
            ? new() { Type = "Initialized", Status = "True" }
            : new() { Type = "Initialized", Status = "False", Reason = "ContainersNotInitialized", Message = $"containers with incomplete status: [{string.Join(' ', incomplete)}]" };
    }

    private static PodCondition ContainersReady(PodRecord pod, string phase)
    {
        if (phase is "Succeeded" or "Failed")
        {
            return new() { Type = "ContainersReady", Status = "False", Reason = phase == "Succeeded" ? "PodCompleted" : "PodFailed" };
        }

        var unready = pod.InitContainers.Where(container => container.IsSidecar).Concat(pod.Containers).Where(container => !container.Facts.Ready).Select(container => container.Name).ToList();
        return unready.Count == 0
            ? new() { Type = "ContainersReady", Status = "True" }
            : new() { Type = "ContainersReady", Status = "False", Reason = NotReady, Message = $"containers with unready status: [{string.Join(' ', unready)}]" };
    }

    private static PodCondition Ready(PodRecord pod, PodCondition containersReady)
    {
        if (containersReady.Status != "True")
        {
            return new() { Type = "Ready", Status = containersReady.Status, Reason = containersReady.Reason, Message = containersReady.Message };
        }

        var faults = (pod.Pod.Spec.ReadinessGates ?? []).Select(gate => (gate.ConditionType, Condition: pod.Pod.Condition(gate.ConditionType)))
            .Where(gate => gate.Condition?.Status != "True")
            .Select(gate => gate.Condition is null
                ? $"corresponding condition of pod readiness gate \"{gate.ConditionType}\" does not exist."
                : $"the status of pod readiness gate \"{gate.ConditionType}\" is not \"True\", but {gate.Condition.Status}")
            .ToList();
        return faults.Count == 0
            ? new() { Type = "Ready", Status = "True" }
            : new() { Type = "Ready", Status = "False", Reason = "ReadinessGatesNotReady", Message = string.Join(", ", faults) };
    }
}
