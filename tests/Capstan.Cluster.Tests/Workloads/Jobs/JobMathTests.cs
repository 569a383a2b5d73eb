using Capstan.Cluster.Kinds;
using Capstan.Cluster.Workloads.Jobs;

namespace Capstan.Cluster.Tests.Workloads.Jobs;

public sealed class JobMathTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 5, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("1,3-5,7", "1,3-5,7", 5)]
    [InlineData("1,2,3", "1-3", 3)]
    [InlineData("1,2", "1,2", 2)]
    [InlineData("4-2,x,8-99,-1,5", "5,8,9", 3)]
    [InlineData("0-2147483647", "0-9", 10)]
    public void Indexes_are_written_as_ranges(string text, string written, int count)
    {
        var set = IndexSet.Parse(text, 10);
        Assert.Equal((written, count), (set.ToString(), set.Count));
    }

    [Fact]
    public void Sets_of_indexes_are_what_sets_of_numbers_are()
    {
        var random = new Random(3);
        for (var round = 0; round < 500; round++)
        {
            int[] Some() => [.. Enumerable.Range(0, 12).Where(_ => random.Next(2) == 0)];
            var (one, other) = (Some(), Some());
            var (a, b) = (IndexSet.Empty.With(one), IndexSet.Empty.With(other.Reverse()));
            Assert.Equal(one.Union(other).Order(), Enumerable.Range(0, 12).Where(a.With(b).Has));
            Assert.Equal(one.Intersect(other).Count(), a.CountIn(b));
            Assert.Equal(a.ToString(), IndexSet.Parse(a.ToString(), 12).ToString());
            Assert.Equal(Enumerable.Range(0, 12).Except(one).Take(4), a.FirstMissing(4, 12));
        }
    }

    [Fact]
    public void Waits_double_from_ten_seconds_to_ten_minutes_and_a_success_ends_them()
    {
        var waits = new List<double>();
        var backoff = PodBackoff.None;
        for (var i = 0; i < 9; i++)
        {
            backoff = backoff.After([], [Ended("f", Now)]);
            waits.Add(backoff.Remaining(Now).TotalSeconds);
        }

        Assert.Equal([10, 20, 40, 80, 160, 320, 600, 600, 600], waits);
        Assert.Equal(TimeSpan.FromMinutes(4), backoff.Remaining(Now.AddMinutes(6)));
        Assert.Equal(new(1, Now), backoff.After([Ended("s", Now.AddSeconds(-1))], [Ended("f", Now)]));
        Assert.Equal(PodBackoff.None, backoff.After([Ended("s", Now)], []));
        Assert.Equal(600, PodBackoff.Remaining(int.MaxValue, Now, Now).TotalSeconds);
    }

    [Fact]
    public void The_first_rule_of_a_policy_that_fits_decides()
    {
        var policy = new PodFailurePolicy
        {
            Rules =
            [
                new() { Action = "Ignore", OnPodConditions = [new() { Type = "DisruptionTarget", Status = "True" }] },
                new() { Action = "FailJob", OnExitCodes = new() { ContainerName = "main", Operator = "In", Values = [42] } },
                new() { Action = "FailIndex", OnExitCodes = new() { Operator = "NotIn", Values = [1, 42] } },
            ],
        };
        Assert.Equal(new("FailJob", "Container main for pod ns/p failed with exit code 42 matching FailJob rule at index 1"), FailurePolicies.Judge(policy, Failed(42)));
        Assert.Equal(new("FailIndex", null), FailurePolicies.Judge(policy, Failed(7)));
        Assert.Equal(default, FailurePolicies.Judge(policy, Failed(1)));
        Assert.True(FailurePolicies.Judge(policy, Failed(1)).Counts);
        var disrupted = Failed(42);
        disrupted.Status!.Conditions = [new() { Type = "DisruptionTarget", Status = "True" }];
        Assert.False(FailurePolicies.Judge(policy, disrupted).Counts);
    }

    private static Pod Failed(int code) => new()
    {
        Metadata = new() { Namespace = "ns", Name = "p" },
        Status = new() { Phase = "Failed", ContainerStatuses = [new() { Name = "main", State = new() { Terminated = new() { ExitCode = code } } }] },
    };

    private static Pod Ended(string name, DateTimeOffset at) => new()
    {
        Metadata = new() { Name = name }, Status = new() { ContainerStatuses = [new() { Name = "c", State = new() { Terminated = new() { FinishedAt = at } } }] },
    };
}
