using Capstan;
using Capstan.Caching;
using KubeTemplater.Applying;
using KubeTemplater.Policies;
using KubeTemplater.Resources;
using KubeTemplater.Templating;
using Microsoft.Extensions.Logging;

namespace KubeTemplater.Reconciling;

/// <summary>One template, from its spec to its status.</summary>
/// <remarks>
/// <para>1. Read it from the cache. 2. Find the policy and hold every entry to it, before anything is written. 3. Stop if the spec was
/// applied already. 4. Apply the entries, unless an older template has one of the objects. 5. Write the status, if it says anything new.</para>
/// <para>A template of R objects costs R applies and one status patch; one that is applied already costs nothing, also after a restart
/// and after a change of policy that still allows it.</para>
/// </remarks>
[Rbac<KubeTemplate>("get", "list", "watch")]
internal sealed class TemplateReconciler(
    ObjectCache<KubeTemplate> templates,
    TemplateJudge judge,
    TemplateRun run,
    StatusPublisher status,
    PendingTemplates pending,
    TemplateMetrics metrics,
    ILogger logger,
    KubeTemplaterOptions options,
    TimeProvider time) : Reconciler
{
    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var queuedAt = await pending.StartAsync(key);
        try
        {
            return templates.Get(key) is { Metadata.DeletionTimestamp: null } template
                ? await ProcessAsync(template, queuedAt, cancellationToken)
                : ReconcileResult.Done;
        }
        finally
        {
            pending.Release(key);
        }
    }

    /// <summary>Whether the spec as it is now was applied in full.</summary>
    public static bool IsApplied(KubeTemplate template) =>
        template.Status is { ProcessingPhase: Phases.Completed } applied
        && applied.ObservedGeneration == template.Metadata.Generation
        && applied.AppliedSpecHash == SpecHash.Of(template.Spec);

    private async Task<ReconcileResult> ProcessAsync(KubeTemplate template, DateTimeOffset queuedAt, CancellationToken cancellationToken)
    {
        RunResult? result = null;
        try
        {
            var verdict = await judge.JudgeAsync(template, old: null, cancellationToken);
            verdict.Demand();
            result = await run.ContestedAsync(template, verdict, cancellationToken);
            if (result is null && IsApplied(template))
            {
                return ReconcileResult.Done;
            }

            result ??= await run.ApplyAsync(template, verdict, cancellationToken);
            result.Demand();
            if (result.Waiting is not null)
            {
                await status.WriteAsync(template, StatusReport.Waiting(template, result, queuedAt, time.GetUtcNow()), cancellationToken);
                return ReconcileResult.Requeue;
            }

            var completed = StatusReport.Completed(template, result, SpecHash.Of(template.Spec), queuedAt, time.GetUtcNow());
            await status.WriteAsync(template, completed, cancellationToken);
            metrics.Processed(Phases.Completed);
            Log.Completed(logger, template.Key.ToString(), result.Synced);
            return ReconcileResult.Done;
        }
        catch (TemplateException why)
        {
            await status.WriteAsync(template, StatusReport.Failed(template, why, result, queuedAt, time.GetUtcNow()), cancellationToken);
            metrics.Processed(Phases.Failed);
            Log.Failed(logger, template.Key.ToString(), why.Reason, why.Message);
            return NextTry(why);
        }
    }

    /// <summary>What only a change of template or policy can mend waits for it; everything else is tried again.</summary>
    private ReconcileResult NextTry(TemplateException why) => why.Reason switch
    {
        FailureReasons.InvalidTemplate or FailureReasons.NoPolicy or FailureReasons.PolicyViolation => ReconcileResult.Done,

        // An event tells when the other lets go; what it does not tell, such as a change of the other's policy, is found in time.
        FailureReasons.ClaimedByAnother => ReconcileResult.After(options.MaxRetryDelay),
        _ when why.Refusal is { } refusal && (refusal.IsInvalid || refusal.IsBadRequest || refusal.IsRequestEntityTooLarge) =>
            ReconcileResult.After(options.MaxRetryDelay),
        _ => ReconcileResult.Requeue,
    };
}
