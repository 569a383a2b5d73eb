using Capstan.Cel.Kubernetes;

namespace KubeTemplater.Policies.Checks;

/// <summary>What the checks of one template may cost together, in CEL's units: a million takes about a tenth of a second. What is beyond it is refused,
/// so that no template and no rule can hold up the others for long.</summary>
/// <remarks>Not thread-safe: one judgement is one thread's.</remarks>
internal sealed class CheckBudget
{
    private long _left = CelBudgets.Policy;

    /// <summary>Units that are left.</summary>
    public ulong Left => (ulong)_left;

    /// <summary>Whether nothing is left.</summary>
    public bool IsSpent => _left == 0;

    /// <summary>Units that were spent.</summary>
    public long Spent => CelBudgets.Policy - _left;

    /// <summary>Takes units. False: there were too few, and none is left.</summary>
    public bool TrySpend(long units)
    {
        var isEnough = units <= _left;
        _left = isEnough ? _left - units : 0;
        return isEnough;
    }
}
