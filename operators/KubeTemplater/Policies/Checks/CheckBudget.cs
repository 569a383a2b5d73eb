using Capstan.Cel.Kubernetes;

namespace KubeTemplater.Policies.Checks;

/// <summary>What the checks of one template may cost together, in CEL's units: a million takes about a tenth of a second. What is beyond it is refused,
/// so that no template and no rule can hold up the others for long.</summary>
/// <remarks>Not thread-safe: one judgement is one thread's.</remarks>
/// <param name="units">Units that there are at first.</param>
internal sealed class CheckBudget(long units = CelBudgets.Policy)
{
    /// <summary>Units that are left.</summary>
    public ulong Left => (ulong)(units - Spent);

    /// <summary>Whether nothing is left.</summary>
    public bool IsSpent => Spent == units;

    /// <summary>Units that were spent.</summary>
    public long Spent { get; private set; }

    /// <summary>Takes units. False: there were too few, and none is left.</summary>
    public bool TrySpend(long cost)
    {
        var isEnough = cost <= units - Spent;
        Spent = isEnough ? Spent + cost : units;
        return isEnough;
    }
}
