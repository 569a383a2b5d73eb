using KubeTemplater.Drift;
using KubeTemplater.Policies;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Applying;

/// <summary>One pass over the entries of a template that may be applied: step by step, up to the first step in which one cannot.</summary>
/// <remarks>
/// Entries that an earlier run of the same spec applied are not applied again. Entries of one step are applied in parallel, at most <see cref="Parallelism"/> at once.
/// Nothing waits here: when an entry depends on one that is not ready yet, the run ends with that said, and is run again.
/// </remarks>
internal sealed class TemplateRun(EntryRun entries, Removal removal, Ledger ledger, Actors actors, ClaimBook claims)
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
        var reported = inventory.Report(verdict.Manifests, manifest => contested.TryGetValue(manifest, out var why)
            ? Outcome.Failed(why)
            : Outcome.Blocked("nothing is applied while an older KubeTemplate names one of the objects"));
        return new([.. reported, .. ToDelete(template, inventory, reported)], failure);
    }

    /// <summary>Applies the entries; then, where asked for, deletes what the template names no more.</summary>
    /// <param name="template">The template.</param>
    /// <param name="verdict">What the policy says of it; it must not be refused.</param>
    /// <param name="drifted">Objects to apply even if they were: they are known not to be as wanted any more.</param>
    /// <param name="cancellationToken">Gives up; whether the server took the objects that were under way is then unknown.</param>
    public async Task<RunResult> ApplyAsync(
        KubeTemplate template, Verdict verdict, IReadOnlyDictionary<ObjectIdentity, DriftKind>? drifted, CancellationToken cancellationToken)
    {
        var inventory = new Inventory(template);
        if (!await ledger.PrepareAsync(template, inventory, verdict.Manifests, cancellationToken))
        {
            return new([], null, "the KubeTemplate is being deleted");
        }

        var plan = Plan.Of(verdict.Manifests);
        var progress = new RunProgress(plan);
        var context = new EntryContext(actors.For(template, verdict.Policy), template, verdict, plan, inventory, drifted);
        foreach (var step in plan.Steps)
        {
            await BringAsync(context, progress, [.. step.Where(progress.IsFree)], cancellationToken);
            if (progress.Failed.Count > 0)
            {
                break;
            }
        }

        var reported = inventory.Report(verdict.Manifests, progress.Of);
        var left = ToDelete(template, inventory, reported);
        if (progress is not { Failed.Count: 0, Waiting: null } || left.Count == 0)
        {
            return new([.. reported, .. left], Gathered(progress.Failed), progress.Waiting);
        }

        left = await removal.RemoveAllAsync(context.Client, template, LastFirst(left), cancellationToken);
        return new([.. reported, .. left], Removal.FailureOf(left), Removal.WaitingOf(left));
    }

    /// <summary>Applies again, of a template that has failed, the entries that were applied and are not as wanted any more. The others wait for their next try.</summary>
    /// <param name="template">The template.</param>
    /// <param name="verdict">What the policy says of it; it must not be refused.</param>
    /// <param name="drifted">What is not as wanted any more.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What became of these entries alone.</returns>
    public async Task<RunResult> CorrectAsync(
        KubeTemplate template, Verdict verdict, IReadOnlyDictionary<ObjectIdentity, DriftKind> drifted, CancellationToken cancellationToken)
    {
        var (inventory, plan) = (new Inventory(template), Plan.Of(verdict.Manifests));
        var progress = new RunProgress(plan);
        var context = new EntryContext(actors.For(template, verdict.Policy), template, verdict, plan, inventory, drifted);
        var due = verdict.Manifests.Where(manifest => drifted.ContainsKey(manifest.Identity)).ToList();
        await BringAsync(context, progress, due, cancellationToken);
        return new(inventory.Report(due, progress.Of), Gathered(progress.Failed), progress.Waiting);
    }

    private Task BringAsync(EntryContext context, RunProgress progress, List<Manifest> due, CancellationToken cancellationToken)
    {
        // A loop in parallel costs more than the few tasks that most templates are.
        return due.Count <= Parallelism
            ? Task.WhenAll(due.ConvertAll(manifest => BringOneAsync(manifest, cancellationToken).AsTask()))
            : Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken }, BringOneAsync);

        async ValueTask BringOneAsync(Manifest manifest, CancellationToken token) => progress.Note(manifest, await entries.BringAsync(context, manifest, token));
    }

    private static List<ResourceStatus> ToDelete(KubeTemplate template, Inventory inventory, IReadOnlyList<ResourceStatus> reported) => template.Spec.Prune == true
        ? [.. inventory.Dropped(reported).Select(made => made with { State = ResourceStates.Blocked, Message = "is deleted when everything is applied" })]
        : [];

    private static IEnumerable<IReadOnlyList<ResourceStatus>> LastFirst(IEnumerable<ResourceStatus> made) =>
        made.GroupBy(one => Plan.ClassOf(one.Group, one.Kind)).OrderByDescending(step => step.Key).Select(step => (IReadOnlyList<ResourceStatus>)[.. step.Reverse()]);

    /// <summary>All that failed as one; the reason is that of one which another try may mend, if there is such.</summary>
    private static TemplateException? Gathered(IReadOnlyList<TemplateException> failures)
    {
        if (failures.Count < 2)
        {
            return failures.FirstOrDefault();
        }

        var first = failures.FirstOrDefault(why => why.Refusal is not { } refusal || !(refusal.IsInvalid || refusal.IsBadRequest)) ?? failures[0];
        return new(first.Reason, string.Join("; ", failures.Select(why => why.Message))) { Refusal = first.Refusal };
    }
}
