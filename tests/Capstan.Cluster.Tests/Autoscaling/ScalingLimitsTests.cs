using Capstan.Cluster.Autoscaling;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Tests.Autoscaling;

public sealed class ScalingLimitsTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 5, 0, 0, TimeSpan.Zero);

    /// <summary>The performance document's autoscaler: 2 to 10, up at once, down one pod a minute after five minutes.</summary>
    [Fact]
    public void Up_under_load_at_once_and_down_one_pod_a_minute()
    {
        var spec = new AutoscalerSpec
        {
            MinReplicas = 2,
            MaxReplicas = 10,
            Behavior = new()
            {
                ScaleUp = new() { StabilizationWindowSeconds = 0, SelectPolicy = "Max", Policies = [new() { Type = "Percent", Value = 100, PeriodSeconds = 15 }, new() { Type = "Pods", Value = 4, PeriodSeconds = 15 }] },
                ScaleDown = new() { StabilizationWindowSeconds = 300, SelectPolicy = "Max", Policies = [new() { Type = "Pods", Value = 1, PeriodSeconds = 60 }] },
            },
        };
        var (sizes, reasons) = Run(spec, 3, at => at < 2 ? 9 : at < 10 ? 25 : 1, 75);

        // 3 → 7 → 9; then the load asks for 25 → 10 at most.
        Assert.Equal([7, 9, 10], sizes.Take(3));
        Assert.Contains("TooManyReplicas", reasons);

        // The last look under load was at 2:15; five minutes later it begins to shrink, one a minute, to two.
        Assert.All(sizes[2..29], size => Assert.Equal(10, size));
        var down = sizes[29..];
        Assert.Equal([9, 8, 7, 6, 5, 4, 3, 2], down.Distinct());
        Assert.All(down.Take(28).GroupBy(size => size), group => Assert.Equal(4, group.Count()));
        Assert.Contains("ScaleDownLimit", reasons);
    }

    [Fact]
    public void Without_behaviour_it_doubles_and_shrinks_to_the_highest_of_five_minutes()
    {
        var (sizes, reasons) = Run(new() { MaxReplicas = 30 }, 1, at => at < 6 ? 100 : 3, 40);
        Assert.Equal([4, 8, 16, 30], sizes.Take(4));
        Assert.Equal(30, sizes[24]);
        Assert.Equal(3, sizes[26]);
        Assert.Contains("ScaleUpLimit", reasons);
    }

    [Theory]
    [InlineData("Disabled", 8)]
    [InlineData("Min", 7)]
    [InlineData("Max", 4)]
    public void The_policy_that_changes_most_or_least_is_chosen(string select, int size)
    {
        var spec = new AutoscalerSpec
        {
            MaxReplicas = 10,
            Behavior = new()
            {
                ScaleDown = new()
                {
                    StabilizationWindowSeconds = 0, SelectPolicy = select, Policies = [new() { Type = "Pods", Value = 1, PeriodSeconds = 60 }, new() { Type = "Percent", Value = 50, PeriodSeconds = 60 }],
                },
            },
        };
        Assert.Equal(size, Run(spec, 8, _ => 1, 1).Sizes[0]);
    }

    [Fact]
    public void A_peak_that_is_shorter_than_the_window_of_growth_changes_nothing()
    {
        var spec = new AutoscalerSpec { MaxReplicas = 10, Behavior = new() { ScaleUp = new() { StabilizationWindowSeconds = 60 } } };
        var (sizes, reasons) = Run(spec, 2, at => at is 8 or 9 ? 10 : 2, 20);
        Assert.All(sizes, size => Assert.Equal(2, size));
        Assert.Contains("ScaleUpStabilized", reasons);
    }

    /// <summary>A look each fifteen seconds.</summary>
    private static (List<int> Sizes, HashSet<string> Reasons) Run(AutoscalerSpec spec, int current, Func<int, int> desired, int looks)
    {
        var (history, sizes, reasons) = (new ScalingHistory(), new List<int>(), new HashSet<string>());
        for (var i = 0; i < looks; i++)
        {
            var now = Start.AddSeconds(15 * i);
            history.Begin(current, now);
            var limited = ScalingLimits.Limit(spec, history, current, desired(i), now);
            if (limited.Replicas != current)
            {
                history.Scaled(limited.Replicas - current, now);
            }

            current = limited.Replicas;
            sizes.Add(current);
            reasons.UnionWith([limited.AbleToScale.Reason, limited.ScalingLimited.Reason]);
        }

        return (sizes, reasons);
    }
}
