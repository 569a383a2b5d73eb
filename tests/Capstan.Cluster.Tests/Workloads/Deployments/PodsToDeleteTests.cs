using Capstan.Cluster.Kinds;
using Capstan.Cluster.Workloads.Deployments;

namespace Capstan.Cluster.Tests.Workloads.Deployments;

public sealed class PodsToDeleteTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Those_that_would_be_missed_least_go_first()
    {
        // In the order in which they are to go; each differs from the next in one thing.
        Pod[] pods =
        [
            Make("unassigned", node: null),
            Make("pending", phase: "Pending"),
            Make("unknown", phase: "Unknown"),
            Make("not-ready", ready: false),
            Make("cheap", cost: "-5"),
            Make("crowded", node: "full"),
            Make("ready-lately", readyHours: 0.01),
            Make("restarted", restarts: 3),
            Make("young", ageHours: 2),
            Make("last"),
        ];
        Pod[] related = [.. pods, Make("neighbour", node: "full"), .. Enumerable.Range(0, 9).Select(i => Make($"n{i}", node: "full"))];
        var shuffled = pods.ToArray();
        new Random(7).Shuffle(shuffled);
        Assert.Equal(pods[..9].Select(pod => pod.Key.Name), PodsToDelete.Choose([.. shuffled], related, 9, Now).Select(pod => pod.Key.Name));
    }

    [Theory]
    [InlineData("+5")]
    [InlineData("05")]
    [InlineData("")]
    [InlineData("99999999999")]
    public void A_cost_that_kubernetes_does_not_read_is_none(string cost) =>
        Assert.Equal("cheap", PodsToDelete.Choose([Make("odd", cost: cost), Make("cheap", cost: "-1")], [], 1, Now).Single().Key.Name);

    private static Pod Make(
        string name, string? node = "node", string phase = "Running", bool ready = true, string? cost = null, double readyHours = 100, int restarts = 0, double ageHours = 1000) => new()
        {
            Metadata = new()
            {
                Name = name, Uid = name, CreationTimestamp = Now.AddHours(-ageHours),
                Annotations = cost is null ? null : new() { ["controller.kubernetes.io/pod-deletion-cost"] = cost },
            },
            Spec = new() { NodeName = node },
            Status = new()
            {
                Phase = phase,
                Conditions = [new() { Type = "Ready", Status = ready ? "True" : "False", LastTransitionTime = Now.AddHours(-readyHours) }],
                ContainerStatuses = [new() { Name = "c", RestartCount = restarts }],
            },
        };
}
