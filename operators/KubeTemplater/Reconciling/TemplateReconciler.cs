using Capstan;
using Capstan.Caching;
using KubeTemplater.Applying;
using KubeTemplater.Drift;
using KubeTemplater.Policies;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Reconciling;

/// <summary>One template, from its spec to its status.</summary>
/// <remarks>
/// <para>1. Read it from the cache; nothing is done to one that is suspended. 2. Find the policy and hold every entry to it, before anything is written. 3. Stop if the spec
/// was applied already, or if it failed and its next try is not due. 4. Apply the entries, unless an older template has one of the objects. 5. Write the status, if it says
/// anything new.</para>
/// <para>A template of R objects costs R applies and one status patch; one that is applied already costs nothing, also after a restart
/// and after a change of policy that still allows it.</para>
/// </remarks>
[Rbac<KubeTemplate>("get", "list", "watch")]
internal sealed class TemplateReconciler(
    ObjectCache<KubeTemplate> templates,
    TemplateJudge judge,
    TemplateRun run,
    DriftDesk drift,
    TemplateCleanup cleanup,
    RetrySchedule schedule,
    ResumeRequest resume,
    RunEnds ends,
    PendingTemplates pending,
    TemplateMetrics metrics,
    TimeProvider time) : Reconciler
{
    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        metrics.Started();
        var start = new RunStart(await pending.StartAsync(key), time.GetTimestamp());
        try
        {
            return templates.Get(key) switch
            {
                null => ReconcileResult.Done,
                { Metadata.DeletionTimestamp: null } template => await ProcessAsync(template, start, cancellationToken),
                var going => await CleanUpAsync(going, start, cancellationToken),
            };
        }
        finally
        {
            pending.Release(key);
            metrics.Ended();
        }
    }

    /// <summary>Whether the spec as it is now was applied in full.</summary>
    public static bool IsApplied(KubeTemplate template) =>
        template.Status is { ProcessingPhase: Phases.Completed } applied
        && applied.ObservedGeneration == template.Metadata.Generation
        && applied.AppliedSpecHash == SpecHash.Of(template.Spec);

    private async Task<ReconcileResult> ProcessAsync(KubeTemplate template, RunStart start, CancellationToken cancellationToken)
    {
        if (template.Spec.Suspend == true)
        {
            return await ends.SuspendedAsync(template, cancellationToken);
        }

        if (ResumeRequest.IsIn(template.Metadata.Annotations))
        {
            template = await resume.TakeAsync(template, cancellationToken);
        }

        RunResult? result = null;
        string? policy = null;
        try
        {
            var verdict = await judge.JudgeStoredAsync(template, cancellationToken);
            var before = template;
            template = ends.Judged(template, verdict);
            verdict.Demand();
            policy = FailureRecord.VersionOf(verdict.Policy);
            result = await run.ContestedAsync(template, verdict, cancellationToken);
            var drifted = drift.Of(template);
            if (result is null && IsApplied(template) && DriftDesk.IsQuiet(template, drifted))
            {
                if (!ReferenceEquals(template, before))
                {
                    await ends.NotedAsync(template, cancellationToken);
                }

                return DriftDesk.Next(drifted);
            }

            if (result is null && FailureRecord.HoldUp(template, policy, schedule, time.GetUtcNow()) is { } later)
            {
                return drifted.Due.Count == 0 ? later : await CorrectAsync(template, verdict, drifted, later, cancellationToken);
            }

            if (FailureRecord.CountOf(template, policy) != default)
            {
                // It is still the change of then that is processed.
                metrics.Retried();
                start = start with { QueuedAt = template.Status!.QueuedAt ?? start.QueuedAt };
            }

            result ??= await run.ApplyAsync(template, verdict, drifted.Due, cancellationToken);
            template = drift.Settle(template, drifted, result);
            result.Demand();
            if (result.Waiting is not null)
            {
                return await ends.WaitingAsync(template, start, result, cancellationToken);
            }

            await ends.CompletedAsync(template, start, result, cancellationToken);
            return drift.Next(template);
        }
        catch (TemplateException why)
        {
            return await ends.FailedAsync(template, start, why, result, policy, cancellationToken);
        }
    }

    /// <summary>A template whose next try is not due, or that is given up, keeps what it did apply as wanted. That is no try: nothing of it counts as one.</summary>
    private async Task<ReconcileResult> CorrectAsync(KubeTemplate template, Verdict verdict, DriftFindings drifted, ReconcileResult later, CancellationToken cancellationToken)
    {
        var result = await run.CorrectAsync(template, verdict, drifted.Due, cancellationToken);
        template = drift.Settle(template, drifted, result);
        await ends.NotedAsync(template with { Status = template.Status! with { Resources = result.WrittenInto(template.Status.Resources ?? []) } }, cancellationToken);
        return later;
    }

    private async Task<ReconcileResult> CleanUpAsync(KubeTemplate template, RunStart start, CancellationToken cancellationToken)
    {
        if (await cleanup.RunAsync(template, cancellationToken) is not { } left)
        {
            return ReconcileResult.Done;
        }

        if (left.Failure is not { } why)
        {
            return await ends.WaitingAsync(template, start, left, cancellationToken);
        }

        // Never given up: the template is there until its objects are gone.
        await ends.FailedAsync(template, start, why, left, policy: null, cancellationToken);
        return ReconcileResult.Requeue;
    }
}
