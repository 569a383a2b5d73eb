using System.Globalization;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Deployments;

/// <summary>Which pods go first when there are too many, in Kubernetes' order: those that would be missed least. Pure.</summary>
internal static class PodsToDelete
{
    private const string CostAnnotation = "controller.kubernetes.io/pod-deletion-cost";

    /// <param name="pods">Those of the set.</param>
    /// <param name="related">Those of all the sets of its owner: of pods that share a node, one goes first.</param>
    /// <param name="count">How many.</param>
    /// <param name="now">Ages are compared by their magnitude, so that chance may decide among pods of about one age.</param>
    public static List<Pod> Choose(List<Pod> pods, IEnumerable<Pod> related, int count, DateTimeOffset now)
    {
        if (count >= pods.Count)
        {
            return pods;
        }

        var onNode = related.Where(static pod => pod.IsActive).GroupBy(static pod => pod.Spec.NodeName ?? "").ToDictionary(static group => group.Key, static group => group.Count());
        return
        [
            .. pods.Select(pod => new Candidate(pod, onNode.GetValueOrDefault(pod.Spec.NodeName ?? ""), now))
                .OrderBy(static one => one.IsAssigned)
                .ThenBy(static one => one.Phase)
                .ThenBy(static one => one.Pod.IsReady)
                .ThenBy(static one => one.Cost)
                .ThenByDescending(static one => one.Neighbours)
                .ThenBy(static one => one.ReadyFor)
                .ThenByDescending(static one => one.Restarts)
                .ThenByDescending(static one => one.SidecarRestarts)
                .ThenBy(static one => one.Age)
                .ThenBy(static one => one.Pod.Metadata.Uid, StringComparer.Ordinal)
                .Select(static one => one.Pod)
                .Take(count),
        ];
    }

    private sealed class Candidate(Pod pod, int neighbours, DateTimeOffset now)
    {
        public Pod Pod { get; } = pod;

        public bool IsAssigned { get; } = !string.IsNullOrEmpty(pod.Spec.NodeName);

        public int Phase { get; } = pod.Status?.Phase switch { "Running" => 2, "Unknown" => 1, _ => 0 };

        public int Cost { get; } = pod.Metadata.Annotations?.GetValueOrDefault(CostAnnotation) is { } text && IsWhole(text) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var cost) ? cost : 0;

        public int Neighbours { get; } = neighbours;

        public int ReadyFor { get; } = pod.IsReady ? Magnitude(pod.Condition("Ready")!.LastTransitionTime, now) : 0;

        public int Restarts { get; } = pod.Status?.ContainerStatuses?.Select(static status => status.RestartCount).DefaultIfEmpty().Max() ?? 0;

        public int SidecarRestarts { get; } = pod.Status?.InitContainerStatuses?
            .Where(status => pod.Spec.InitContainers?.Exists(container => container.Name == status.Name && container.RestartPolicy == "Always") == true)
            .Select(static status => status.RestartCount).DefaultIfEmpty().Max() ?? 0;

        public int Age { get; } = Magnitude(pod.Metadata.CreationTimestamp, now);

        // Kubernetes takes no plus sign and no zeros before others.
        private static bool IsWhole(string text) => text == "0" || (text.TrimStart('-') is { Length: > 0 } digits && digits[0] is >= '1' and <= '9' && text.Length - digits.Length <= 1);

        /// <summary>The binary logarithm of an age in nanoseconds; of what has no time yet, less than any.</summary>
        private static int Magnitude(DateTimeOffset? since, DateTimeOffset now) =>
            since is not { } time ? int.MinValue : now > time ? (int)Math.Log2((now - time).Ticks * 100.0) : -1;
    }
}
