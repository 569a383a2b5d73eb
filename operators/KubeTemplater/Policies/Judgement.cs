using System.Runtime.InteropServices;
using Capstan;
using KubeTemplater.Policies.Checks;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Policies;

/// <summary>A template, read, with all at hand that judging it needs: what is left to do waits for nobody, and takes a processor alone.</summary>
/// <remarks>It can be decided more than once, with another budget; each time is one thread's.</remarks>
/// <param name="policy">The policy of its namespace.</param>
/// <param name="template">The template.</param>
/// <param name="old">What it was before the change that is judged; null in the worker and for a new one.</param>
/// <param name="entries">Its entries: as read, or why they cannot be.</param>
/// <param name="namespaceNamed">Metadata of a namespace; null when it is not there or not known.</param>
internal sealed class Judgement(
    CompiledPolicy policy, KubeTemplate template, KubeTemplate? old, IReadOnlyList<(Manifest? Manifest, TemplateException? Fault)> entries, Func<string, DynamicObject?> namespaceNamed)
{
    /// <summary>Bytes that an entry may have.</summary>
    public const int MaxEntryBytes = 1024 * 1024;

    /// <summary>What the policy says of it.</summary>
    /// <param name="budget">What the checks may cost; what is not evaluated for want of it is refused.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Verdict Decide(CheckBudget budget, CancellationToken cancellationToken)
    {
        var verdict = new Verdict(policy, budget);
        var before = new EntriesBefore(old);
        foreach (var (manifest, fault) in entries)
        {
            if (manifest is null)
            {
                verdict.Faults.Add(fault!);
            }
            else if (JsonMarshal.GetRawUtf8Value(manifest.Entry.Object).Length > MaxEntryBytes)
            {
                verdict.Faults.Add(new(FailureReasons.InvalidTemplate, $"{manifest}: larger than {MaxEntryBytes} bytes"));
            }
            else
            {
                Decide(verdict, manifest, before, cancellationToken);
            }
        }

        verdict.Faults.AddRange(Plan.Faults(template.Spec.Templates, verdict.Manifests));

        // An evaluation that was cancelled looks like one that failed.
        cancellationToken.ThrowIfCancellationRequested();
        return verdict;
    }

    private void Decide(Verdict verdict, Manifest manifest, EntriesBefore before, CancellationToken cancellationToken)
    {
        verdict.Manifests.Add(manifest);
        if (manifest.Namespaced is null)
        {
            verdict.OfUnknownScope.Add(manifest);
        }

        var context = new CheckContext
        {
            Namespaced = manifest.Namespaced,
            Namespace = manifest.Namespaced == false ? null : namespaceNamed(manifest.Key.Namespace),
            Old = before,
            Budget = verdict.Budget,
        };
        verdict.Add(policy.Violations(manifest, context, cancellationToken));
    }
}
