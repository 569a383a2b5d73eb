using KubeTemplater.Policies.Checks;
using KubeTemplater.Templating;

namespace KubeTemplater.Policies;

/// <summary>What the policy says of a template, entry by entry.</summary>
/// <param name="policy">The policy that was asked.</param>
/// <param name="budget">What the checks of the template may cost.</param>
internal sealed class Verdict(CompiledPolicy policy, CheckBudget budget)
{
    /// <summary>The policy that was asked.</summary>
    public CompiledPolicy Policy { get; } = policy;

    /// <summary>What the checks of this template may still cost.</summary>
    public CheckBudget Budget { get; } = budget;

    /// <summary>The entries that could be read.</summary>
    public List<Manifest> Manifests { get; } = [];

    /// <summary>Those of them of kinds that the server does not serve (yet).</summary>
    public HashSet<Manifest> OfUnknownScope { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Why the template is refused; empty when it is not.</summary>
    public List<TemplateException> Faults { get; } = [];

    /// <summary>All of <see cref="Faults"/> in one text, as many as fit.</summary>
    public string FaultsText => Findings.Text([.. Faults.Select(fault => fault.Message)]);

    /// <summary>What breaks rules that are not enforced (<c>enforcement: Warn</c> or <c>Audit</c>).</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Puts violations where they belong.</summary>
    public void Add(IReadOnlyList<Violation> violations)
    {
        foreach (var violation in violations)
        {
            if (Policy.Refuses || violation.AlwaysRefused)
            {
                Faults.Add(new(FailureReasons.PolicyViolation, violation.Text));
            }
            else
            {
                Warnings.Add(violation.Text);
            }
        }
    }

    /// <summary>Returns if the template is not refused.</summary>
    /// <exception cref="TemplateException">It is; what is wrong with it is in the message.</exception>
    public void Demand()
    {
        if (Faults.Count > 0)
        {
            throw new TemplateException(Faults[0].Reason, FaultsText);
        }
    }
}
