using KubeTemplater.Policies;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Applying;

/// <summary>One pass over the entries of a template that may be applied: step by step, up to the first step in which one cannot.</summary>
/// <remarks>
/// Entries that an earlier run of the same spec applied are not applied again. Entries of one step are applied in parallel, at most <see cref="Parallelism"/> at once.
/// Nothing waits here: when an entry depends on one that is not ready yet, the run ends with that said, and is run again.
/// </remarks>
internal sealed class TemplateRun(ObjectApplier applier, TemplateJudge judge, ClaimBook claims)
{
    /// <summary>Entries of one template that are applied at once.</summary>
    public const int Parallelism = 4;

    /// <summary>What an older template keeps of this one's objects, before anything is written; null if nothing.</summary>
    public async ValueTask<RunResult?> ContestedAsync(KubeTemplate template, Verdict verdict, CancellationToken cancellationToken)
    {
        var contested = await claims.ContestedAsync(template, verdict.Manifests, cancellationToken);
        if (contested.Count == 0)
        {
            return null;
        }

        var inventory = new Inventory(template);
        var failure = new TemplateException(FailureReasons.ClaimedByAnother, string.Join("; ", contested.Values.Select(why => why.Message)));
        return new(
            inventory.Report(verdict.Manifests, manifest => contested.TryGetValue(manifest, out var why)
                ? Outcome.Failed(why)
                : Outcome.Blocked("nothing is applied while an older KubeTemplate names one of the objects")),
            failure);
    }

    /// <summary>Applies the entries.</summary>
    /// <param name="template">The template.</param>
    /// <param name="verdict">What the policy says of it; it must not be refused.</param>
    /// <param name="cancellationToken">Gives up; whether the server took the objects that were under way is then unknown.</param>
    public async Task<RunResult> ApplyAsync(KubeTemplate template, Verdict verdict, CancellationToken cancellationToken)
    {
        var plan = Plan.Of(verdict.Manifests);
        var inventory = new Inventory(template);
        var progress = new RunProgress(plan);
        foreach (var step in plan.Steps)
        {
            var free = step.Where(progress.IsFree).ToList();
            await Parallel.ForEachAsync(
                free,
                new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
                async (manifest, token) => progress.Note(manifest, await BringAsync(template, verdict, inventory, manifest, token)));
            if (progress.Failed.Count > 0)
            {
                break;
            }
        }

        return new(inventory.Report(verdict.Manifests, progress.Of), Gathered(progress.Failed), progress.Waiting);
    }

    private async Task<Outcome> BringAsync(KubeTemplate template, Verdict verdict, Inventory inventory, Manifest manifest, CancellationToken cancellationToken)
    {
        if (inventory.HasApplied(manifest) is { } before)
        {
            return new(before.State!) { Uid = before.Uid, Hash = before.AppliedHash };
        }

        try
        {
            var applied = await applier.ApplyAsync(template, manifest, namespaced => JudgeAgain(verdict, manifest, namespaced, cancellationToken), cancellationToken);
            return new(ResourceStates.Applied) { Uid = applied.Uid, Namespaced = applied.Key.Namespace.Length > 0 };
        }
        catch (TemplateException why)
        {
            return Outcome.Failed(why);
        }
    }

    // A kind that was not served when it was judged may turn out to be cluster-scoped, and such objects need a rule that names them in full.
    private void JudgeAgain(Verdict verdict, Manifest manifest, bool namespaced, CancellationToken cancellationToken)
    {
        if (namespaced || !verdict.OfUnknownScope.Contains(manifest))
        {
            return;
        }

        var late = new Verdict(verdict.Policy);
        late.Add(judge.Violations(verdict.Policy, manifest, namespaced, cancellationToken));
        late.Demand();
    }

    /// <summary>All that failed as one; the reason is that of one which another try may mend, if there is such.</summary>
    private static TemplateException? Gathered(IReadOnlyList<TemplateException> failures) => failures.Count < 2
        ? failures.FirstOrDefault()
        : failures.OrderByDescending(why => why.Refusal is not { } refusal || !(refusal.IsInvalid || refusal.IsBadRequest)).First() is var first
            ? new(first.Reason, string.Join("; ", failures.Select(why => why.Message))) { Refusal = first.Refusal }
            : null;
}
