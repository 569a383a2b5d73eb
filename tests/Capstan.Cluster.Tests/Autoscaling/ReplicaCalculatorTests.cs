using Capstan.Cluster.Autoscaling;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Tests.Autoscaling;

public sealed class ReplicaCalculatorTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 5, 0, 0, TimeSpan.Zero);
    private static readonly Tolerances Tenth = new(0.1, 0.1);

    /// <summary>Each pod requests one CPU; a letter is a pod: r runs, p pends, u is unready, f failed; the numbers are what they use in percent, or a dash.</summary>
    [Theory]
    [InlineData("rrr", "70 70 70", 70, 3, 70)]
    [InlineData("rrr", "76 76 76", 70, 3, 76)]
    [InlineData("rrr", "78 78 78", 70, 4, 78)]
    [InlineData("rrr", "100 200 300", 100, 6, 200)]
    [InlineData("rrrrr", "10 10 10 10 10", 50, 1, 10)]
    [InlineData("rr", "90 -", 50, 2, 90)]
    [InlineData("rrr", "300 - -", 50, 6, 300)]
    [InlineData("rrr", "10 10 -", 50, 3, 10)]
    [InlineData("rrrr", "10 10 10 -", 100, 2, 10)]
    [InlineData("rpp", "90 - -", 50, 3, 90)]
    [InlineData("rpp", "400 - -", 50, 8, 400)]
    [InlineData("ruu", "10 900 900", 50, 1, 10)]
    [InlineData("rff", "100 900 900", 50, 2, 100)]
    public void What_is_not_known_of_a_pod_never_makes_it_do_more(string pods, string usages, int target, int replicas, int utilization)
    {
        var (list, used) = Read(pods, usages);
        var proposal = ReplicaCalculator.ByUtilization(list.Count, target, "cpu", null, Tenth, list, used, Now);
        Assert.Equal((replicas, (int?)utilization), (proposal.Replicas, proposal.Utilization));
    }

    [Theory]
    [InlineData("rr", "100 300", 1000, 4)]
    [InlineData("rrr", "100 100 -", 1000, 3)]
    [InlineData("rr", "105 105", 1000, 2)]
    [InlineData("rrrr", "20 20 20 20", 1000, 1)]
    public void Average_values_are_held_as_utilization_is(string pods, string usages, long target, int replicas)
    {
        var (list, used) = Read(pods, usages);
        Assert.Equal(replicas, ReplicaCalculator.ByValue(list.Count, target, "cpu", Tenth, list, used, Now).Replicas);
    }

    [Fact]
    public void A_pod_that_starts_is_not_counted_by_its_cpu_until_it_was_ready_for_a_whole_window()
    {
        var (list, used) = Read("rr", "50 500");
        list[1].Status!.StartTime = Now.AddMinutes(-1);
        list[1].Status!.Conditions![0].LastTransitionTime = Now.AddSeconds(-10);
        Assert.Equal(2, ReplicaCalculator.ByUtilization(2, 50, "cpu", null, Tenth, list, used, Now).Replicas);
        list[1].Status!.Conditions![0].LastTransitionTime = Now.AddSeconds(-40);
        Assert.Equal(11, ReplicaCalculator.ByUtilization(2, 50, "cpu", null, Tenth, list, used, Now).Replicas);
    }

    [Theory]
    [InlineData("r", "-", "did not receive metrics for targeted pods (pods might be unready)")]
    [InlineData("p", "10", "did not receive metrics for targeted pods (pods might be unready)")]
    [InlineData("", "", "no pods returned by selector while calculating replica count")]
    public void What_cannot_be_told_says_why(string pods, string usages, string message)
    {
        var (list, used) = Read(pods, usages);
        Assert.Equal(message, Assert.Throws<MetricException>(() => ReplicaCalculator.ByUtilization(1, 50, "cpu", null, Tenth, list, used, Now)).Message);
    }

    [Fact]
    public void Requests_are_those_of_all_containers_or_of_one_and_must_be_there()
    {
        var (list, used) = Read("r", "80");
        list[0].Spec.Containers.Add(new() { Name = "side", Resources = new() { Requests = new() { ["cpu"] = Quantity.Parse("3") } } });
        Assert.Equal(20, ReplicaCalculator.ByUtilization(1, 50, "cpu", null, Tenth, list, used, Now).Utilization);
        Assert.Equal(80, ReplicaCalculator.ByUtilization(1, 50, "cpu", "main", Tenth, list, used, Now).Utilization);
        Assert.Equal("missing request for memory in container main of Pod p0", Assert.Throws<MetricException>(() => ReplicaCalculator.ByUtilization(1, 50, "memory", null, Tenth, list, used, Now)).Message);
        Assert.Equal("container none not found in Pod p0", Assert.Throws<MetricException>(() => ReplicaCalculator.ByUtilization(1, 50, "cpu", "none", Tenth, list, used, Now)).Message);
    }

    [Theory]
    [InlineData("70m", 70)]
    [InlineData("1", 1000)]
    [InlineData("15n", 1)]
    [InlineData("1Gi", 1073741824000)]
    public void Amounts_are_counted_in_thousandths_rounded_up(string quantity, long milli) => Assert.Equal(milli, Amounts.Milli(Quantity.Parse(quantity)));

    [Theory]
    [InlineData(1073741824000, "memory", "1Gi")]
    [InlineData(350, "cpu", "350m")]
    [InlineData(2000, "cpu", "2")]
    public void Amounts_are_written_as_statuses_have_them(long milli, string resource, string text) => Assert.Equal(text, Amounts.Text(milli, resource));

    private static (List<Pod> Pods, Dictionary<string, PodUsage> Usages) Read(string pods, string usages)
    {
        var list = pods.Select((letter, i) => new Pod
        {
            Metadata = new() { Name = $"p{i}" },
            Spec = new() { Containers = [new() { Name = "main", Resources = new() { Requests = new() { ["cpu"] = Quantity.Parse("1") } } }] },
            Status = new()
            {
                Phase = letter switch { 'p' => "Pending", 'f' => "Failed", _ => "Running" },
                StartTime = Now.AddHours(-1),
                Conditions = [new() { Type = "Ready", Status = letter == 'r' ? "True" : "False", LastTransitionTime = Now.AddHours(-1) }],
            },
        }).ToList();
        var used = usages.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((text, i) => (Name: $"p{i}", Text: text)).Where(one => one.Text != "-")
            .ToDictionary(one => one.Name, one => new PodUsage(int.Parse(one.Text, null) * 10, Now, TimeSpan.FromSeconds(15)));
        return (list, used);
    }
}
