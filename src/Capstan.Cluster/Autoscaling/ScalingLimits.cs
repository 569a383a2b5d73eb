using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Autoscaling;

/// <summary>How a recommendation becomes a size: the highest of the last minutes, no faster than allowed, within its bounds. Pure but for the history.</summary>
internal static class ScalingLimits
{
    private static readonly TimeSpan DownWindow = TimeSpan.FromMinutes(5);

    // 4 pods or as many again, whichever is more, in 15 s; down all at once.
    private static readonly ScalingRules DefaultUp = new()
    {
        StabilizationWindowSeconds = 0, SelectPolicy = "Max", Policies = [new() { Type = "Percent", Value = 100, PeriodSeconds = 15 }, new() { Type = "Pods", Value = 4, PeriodSeconds = 15 }],
    };

    private static readonly ScalingRules DefaultDown = new() { SelectPolicy = "Max", Policies = [new() { Type = "Percent", Value = 100, PeriodSeconds = 15 }] };

    /// <param name="spec">Of the autoscaler.</param>
    /// <param name="history">Of it; gets this recommendation.</param>
    /// <param name="current">Its size.</param>
    /// <param name="desired">What the metrics ask for.</param>
    /// <param name="now">The time.</param>
    public static LimitedSize Limit(AutoscalerSpec spec, ScalingHistory history, int current, int desired, DateTimeOffset now)
    {
        var least = spec.MinReplicas ?? 1;
        var (up, down) = (Filled(spec.Behavior?.ScaleUp, DefaultUp), Filled(spec.Behavior?.ScaleDown, DefaultDown));
        var stabilized = spec.Behavior is null
            ? history.Most(desired, DownWindow, now)
            : Math.Min(
                Math.Max(current, history.Least(desired, TimeSpan.FromSeconds(up.StabilizationWindowSeconds ?? 0), now)),
                history.Most(desired, TimeSpan.FromSeconds(down.StabilizationWindowSeconds ?? DownWindow.TotalSeconds), now));
        history.Recommend(desired, now);
        var able = stabilized == desired ? ("ReadyForNewScale", "recommended size matches current size")
            : spec.Behavior is not null && desired >= current ? ("ScaleUpStabilized", "recent recommendations were lower than current one, applying the lowest recent recommendation")
            : ("ScaleDownStabilized", "recent recommendations were higher than current one, applying the highest recent recommendation");
        var (replicas, reason, message) = spec.Behavior is null
            ? ByBounds(stabilized, current, least, spec.MaxReplicas)
            : ByRates(stabilized, current, least, spec.MaxReplicas, history, up, down, now);
        return new(replicas, stabilized, able, (reason, message));
    }

    private static (int Replicas, string Reason, string Message) ByBounds(int desired, int current, int least, int most)
    {
        var fastest = (int)Math.Min(int.MaxValue, Math.Max(2L * current, 4));
        return desired < least ? (least, "TooFewReplicas", "the desired replica count is less than the minimum replica count")
            : desired > Math.Min(most, fastest) ? TooMany(most, fastest)
            : InRange(desired);
    }

    private static (int Replicas, string Reason, string Message) ByRates(
        int desired, int current, int least, int most, ScalingHistory history, ScalingRules up, ScalingRules down, DateTimeOffset now)
    {
        if (desired > current)
        {
            var fastest = Math.Max(current, Select(up, current, history, now, isUp: true));
            return desired > Math.Min(most, fastest) ? TooMany(most, fastest) : InRange(desired);
        }

        if (desired < current)
        {
            var fastest = Math.Min(current, Select(down, current, history, now, isUp: false));
            return desired >= Math.Max(least, fastest) ? InRange(desired)
                : least < fastest ? (fastest, "ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate")
                : (least, "TooFewReplicas", "the desired replica count is less than the minimum replica count");
        }

        return InRange(desired);
    }

    private static int Select(ScalingRules rules, int current, ScalingHistory history, DateTimeOffset now, bool isUp)
    {
        if (rules.SelectPolicy == "Disabled")
        {
            return current;
        }

        var proposals = rules.Policies!.Select(policy =>
        {
            var start = history.AtStart(current, policy.PeriodSeconds, now);
            var change = isUp ? 1 : -1;
            return policy.Type == "Pods" ? start + ((long)change * policy.Value)
                : isUp ? (long)Math.Ceiling(start * (1 + (policy.Value / 100.0)))
                : (long)(start * (1 - (policy.Value / 100.0)));
        });
        var isMost = isUp == (rules.SelectPolicy != "Min");
        return (int)Math.Clamp(isMost ? proposals.Max() : proposals.Min(), int.MinValue, int.MaxValue);
    }

    private static (int Replicas, string Reason, string Message) TooMany(int most, int fastest) => most > fastest
        ? (fastest, "ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate")
        : (most, "TooManyReplicas", "the desired replica count is more than the maximum replica count");

    private static (int Replicas, string Reason, string Message) InRange(int desired) => (desired, "DesiredWithinRange", "the desired count is within the acceptable range");

    private static ScalingRules Filled(ScalingRules? rules, ScalingRules defaults) => rules is null ? defaults : rules with
    {
        StabilizationWindowSeconds = rules.StabilizationWindowSeconds ?? defaults.StabilizationWindowSeconds,
        SelectPolicy = rules.SelectPolicy ?? defaults.SelectPolicy,
        Policies = rules.Policies is { Count: > 0 } ? rules.Policies : defaults.Policies,
    };
}

/// <summary>A size within its limits.</summary>
/// <param name="Replicas">The size.</param>
/// <param name="Stabilized">What it would be without limits.</param>
/// <param name="AbleToScale">Reason and message of that condition.</param>
/// <param name="ScalingLimited">Reason and message of that one.</param>
internal readonly record struct LimitedSize(int Replicas, int Stabilized, (string Reason, string Message) AbleToScale, (string Reason, string Message) ScalingLimited);
