using System.Globalization;
using Capstan.Applying;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Disruption;

/// <summary>How many pods of a budget may go. Pure.</summary>
internal static class BudgetMath
{
    /// <summary>A pod that was let go and is not gone after this time was not meant to go, or cannot.</summary>
    public static readonly TimeSpan DeletionTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Status of a budget as it should be.</summary>
    /// <param name="budget">As it is.</param>
    /// <param name="pods">That it selects.</param>
    /// <param name="scale">How many pods there should be, by the controllers; asked only where a percentage or a maximum needs it.</param>
    /// <param name="now">The time.</param>
    /// <param name="overdue">Told of each pod that should be gone and is not.</param>
    /// <returns>The status, and after which time it changes by itself.</returns>
    /// <exception cref="FormatException">A text that is no percentage.</exception>
    public static (PodDisruptionBudgetStatus Status, DateTimeOffset? Recheck) Status(
        PodDisruptionBudget budget, IReadOnlyList<Pod> pods, int scale, DateTimeOffset now, Action<Pod> overdue)
    {
        var (expected, desired) = budget.Spec switch
        {
            { MaxUnavailable: { } most } => (scale, Math.Max(0, scale - most.ScaledOf(scale, roundUp: true))),
            { MinAvailable: { Number: { } least } } => (pods.Count, least),
            { MinAvailable: { } least } => (scale, least.ScaledOf(scale, roundUp: true)),
            _ => (0, 0),
        };
        var (disrupted, recheck) = Disrupted(budget.Status?.DisruptedPods, pods, now, overdue);
        var healthy = pods.Count(pod => pod.Metadata.DeletionTimestamp is null && pod.IsReady && !disrupted.ContainsKey(pod.Metadata.Name!));
        var allowed = expected <= 0 ? 0 : Math.Max(0, healthy - desired);
        List<Condition> conditions = [.. budget.Status?.Conditions ?? []];
        Conditions.Set(conditions, new()
        {
            Type = "DisruptionAllowed",
            Status = allowed > 0 ? "True" : "False",
            Reason = allowed > 0 ? "SufficientPods" : "InsufficientPods",
            ObservedGeneration = budget.Metadata.Generation,
            LastTransitionTime = now,
        });
        var status = new PodDisruptionBudgetStatus
        {
            ObservedGeneration = budget.Metadata.Generation ?? 0,
            DisruptedPods = disrupted.Count > 0 ? disrupted : null,
            DisruptionsAllowed = allowed,
            CurrentHealthy = healthy,
            DesiredHealthy = desired,
            ExpectedPods = expected,
            Conditions = conditions,
        };
        return (status, recheck);
    }

    /// <summary>Nothing may go while it is not known what there should be.</summary>
    public static PodDisruptionBudgetStatus Failed(PodDisruptionBudget budget, string message, DateTimeOffset now)
    {
        var status = (budget.Status ?? new()) with { DisruptionsAllowed = 0, Conditions = [.. budget.Status?.Conditions ?? []] };
        Conditions.Set(status.Conditions!, new()
        {
            Type = "DisruptionAllowed", Status = "False", Reason = "SyncFailed", Message = message, ObservedGeneration = status.ObservedGeneration, LastTransitionTime = now,
        });
        return status;
    }

    /// <summary>Whether the number of pods must be known from their controllers.</summary>
    public static bool NeedsScale(PodDisruptionBudget budget) => budget.Spec.MaxUnavailable is not null || budget.Spec.MinAvailable is { Text: not null };

    private static (Dictionary<string, string> Disrupted, DateTimeOffset? Recheck) Disrupted(
        Dictionary<string, string>? known, IReadOnlyList<Pod> pods, DateTimeOffset now, Action<Pod> overdue)
    {
        var (disrupted, recheck) = (new Dictionary<string, string>(), (DateTimeOffset?)null);
        foreach (var pod in pods)
        {
            if (pod.Metadata.DeletionTimestamp is not null || known?.GetValueOrDefault(pod.Metadata.Name!) is not { } written)
            {
                continue;
            }

            var until = DateTimeOffset.Parse(written, CultureInfo.InvariantCulture) + DeletionTimeout;
            if (until < now)
            {
                overdue(pod);
            }
            else
            {
                disrupted[pod.Metadata.Name!] = written;
                recheck = recheck is null || until < recheck ? until : recheck;
            }
        }

        return (disrupted, recheck);
    }
}
