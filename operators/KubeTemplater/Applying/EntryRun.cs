using Capstan;
using KubeTemplater.Drift;
using KubeTemplater.Policies;
using KubeTemplater.Recovery;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Applying;

/// <summary>What a run knows when it comes to an entry.</summary>
/// <param name="Client">Sends the requests, in the name of whom the policy says.</param>
/// <param name="Template">The template.</param>
/// <param name="Verdict">What its policy says.</param>
/// <param name="Plan">Its order.</param>
/// <param name="Inventory">What its status has on record.</param>
/// <param name="Drifted">Objects to apply even if they were, and how they differ.</param>
internal sealed record EntryContext(KubeClient Client, KubeTemplate Template, Verdict Verdict, Plan Plan, Inventory Inventory, IReadOnlyDictionary<ObjectIdentity, DriftKind>? Drifted);

/// <summary>Brings one entry about: finds where its kind is served, applies it unless that was done, and looks whether it is ready where somebody waits for that.</summary>
internal sealed class EntryRun(ObjectApplier applier, TemplateJudge judge, EarlierWork earlier)
{
    /// <summary>Brings the entry about. What another try may mend, and what only its author can, is in the outcome.</summary>
    public async Task<Outcome> BringAsync(EntryContext context, Manifest manifest, CancellationToken cancellationToken)
    {
        try
        {
            if (await TypeAsync(context, manifest, cancellationToken) is not { } type)
            {
                return Outcome.Blocked("its definition is there, and the server does not serve it yet", waits: true);
            }

            JudgeAgain(context, manifest, type.Namespaced, cancellationToken);
            var target = new Target(context.Client, context.Template, manifest, type, context.Inventory.Find(manifest.Identity))
            {
                IsTakenBack = context.Drifted?.TryGetValue(manifest.Identity, out var drift) == true && drift == DriftKind.Changed,
            };
            return await ResumeAsync(context, target, cancellationToken) ?? await ApplyAsync(context, target, cancellationToken);
        }
        catch (TemplateException why)
        {
            return Outcome.Failed(why);
        }
    }

    /// <summary>Where the kind is served; null while a definition that this template made is not in effect yet.</summary>
    private static async Task<ResourceType?> TypeAsync(EntryContext context, Manifest manifest, CancellationToken cancellationToken)
    {
        var discovery = context.Client.Discovery;
        if (await discovery.FindAsync(manifest.Kind, cancellationToken) is { } type)
        {
            return type;
        }

        if (context.Plan.NeedsOf(manifest).Any(need => need.Defines == (manifest.Kind.Group, manifest.Kind.Kind)))
        {
            // What was read before the definition was established says nothing.
            discovery.Forget();
            return await discovery.FindAsync(manifest.Kind, cancellationToken);
        }

        throw new TemplateException(FailureReasons.UnknownKind, $"{manifest}: the API server serves no {manifest.Kind.Kind} in {manifest.Kind.ApiVersion}");
    }

    /// <summary>What is to be said of an entry that an earlier run of this spec applied; null if it is to be applied.</summary>
    private static async Task<Outcome?> ResumeAsync(EntryContext context, Target target, CancellationToken cancellationToken)
    {
        if (context.Inventory.HasApplied(target.Manifest) is not { } before || context.Drifted?.ContainsKey(target.Manifest.Identity) == true)
        {
            return null;
        }

        if (before.State == ResourceStates.Ready || !context.Plan.MustBeReady(target.Manifest))
        {
            return new(before.State!) { Uid = before.Uid, Hash = before.AppliedHash, Namespaced = target.Type.Namespaced };
        }

        try
        {
            var live = await target.Client.FindAsync(target.Type, target.Key, cancellationToken);
            return live is not null && live.Uid == before.Uid ? Judged(target, live) with { Hash = before.AppliedHash } : null;
        }
        catch (ApiException e)
        {
            throw target.Refused(e, "cannot see whether it is ready: ");
        }
    }

    private async Task<Outcome> ApplyAsync(EntryContext context, Target target, CancellationToken cancellationToken)
    {
        if (await earlier.FindAsync(target, cancellationToken) is { DeletionTimestamp: null } live)
        {
            if (AppliedAlready.Is(target.ToOwned(), live))
            {
                return Applied(context, target, live);
            }

            target = EarlierWork.WithRecord(target, live);
        }

        if (await applier.ApplyAsync(target, cancellationToken) is not { DeletionTimestamp: null } applied)
        {
            return Outcome.Blocked("an object of that name is being deleted", waits: true) with { Namespaced = target.Type.Namespaced };
        }

        return Applied(context, target, applied);
    }

    private static Outcome Applied(EntryContext context, Target target, DynamicObject live) => context.Plan.MustBeReady(target.Manifest)
        ? Judged(target, live) with { Hash = OwnedPart.Of(live).ToString() }
        : new(ResourceStates.Applied) { Uid = live.Uid, Hash = OwnedPart.Of(live).ToString(), Namespaced = target.Type.Namespaced };

    private static Outcome Judged(Target target, DynamicObject live)
    {
        var readiness = Readiness.Of(live);
        var outcome = readiness.HasFailed ? Outcome.Failed(new(FailureReasons.NotReady, $"{target.Manifest}: {readiness.Message}"))
            : readiness.IsReady ? new(ResourceStates.Ready)
            : new(ResourceStates.Applied) { Message = $"not ready: {readiness.Message}", Waits = true };
        return outcome with { Uid = live.Uid, Namespaced = target.Type.Namespaced };
    }

    // A kind that was not served when it was judged may turn out to be cluster-scoped, and such objects need a rule that names them in full.
    private void JudgeAgain(EntryContext context, Manifest manifest, bool namespaced, CancellationToken cancellationToken)
    {
        if (namespaced || !context.Verdict.OfUnknownScope.Contains(manifest))
        {
            return;
        }

        var late = new Verdict(context.Verdict.Policy, new());
        late.Add(judge.Violations(context.Verdict.Policy, manifest, namespaced, cancellationToken));
        late.Demand();
    }
}
