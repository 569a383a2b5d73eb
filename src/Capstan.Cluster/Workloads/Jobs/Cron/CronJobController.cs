using Capstan.Caching;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Jobs.Cron;

/// <summary>Starts Jobs by the clock.</summary>
internal sealed class CronJobController(KubeClient client, Informer crons, Informer jobs, ComponentEvents events) : Reconciler
{
    private const int Workers = 5;

    public static void AddTo(OperatorBuilder builder, SharedInformers informers, ClusterEvents events)
    {
        var (crons, jobs) = (informers.Of<CronJob>(), ControllerIndex.AddTo(informers, Job.Resource));
        builder.AddController("cronjob-controller", controller =>
        {
            controller.MaxConcurrentReconciles = Workers;
            controller.Reconciler = new CronJobController(builder.Client, crons, jobs, events.From("cronjob-controller"));
            controller.For(crons, static (_, now) => now is not null);
            controller.Owns(jobs, CronJob.Resource);
        });
    }

    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (crons.CacheOf<CronJob>().Get(key) is not { } cron)
        {
            return ReconcileResult.Done;
        }

        try
        {
            var again = await new CronJobRun(client, events, cron, ControllerIndex.Controlled<Job>(jobs, cron)).RunAsync(cancellationToken);
            return again is { } wait ? ReconcileResult.After(wait > TimeSpan.Zero ? wait : TimeSpan.Zero) : ReconcileResult.Done;
        }
        catch (ApiException error) when (error.IsConflict)
        {
            return ReconcileResult.Requeue;
        }
        catch (ApiException error) when (error.IsNotFound || FailureText.IsOfEndingNamespace(error))
        {
            return ReconcileResult.Done;
        }
    }
}
