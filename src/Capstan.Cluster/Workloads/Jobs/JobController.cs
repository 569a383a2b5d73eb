using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;
using Capstan.Selectors;

namespace Capstan.Cluster.Workloads.Jobs;

/// <summary>Jobs, their pods, and what is left of both.</summary>
internal static class JobController
{
    private const int Workers = 5;

    public static void AddTo(OperatorBuilder builder, SharedInformers informers, ClusterEvents events)
    {
        var jobs = informers.Of<Job>();
        var pods = ControllerIndex.AddTo(informers, Pod.Resource);
        var told = events.From("job-controller");
        builder.AddController("job-controller", controller =>
        {
            controller.MaxConcurrentReconciles = Workers;
            controller.Reconciler = new JobReconciler(builder.Client, jobs, pods, told);
            controller.For(jobs);
            controller.Owns(pods, Job.Resource);
            Orphans.Watch(controller, pods, jobs, static job => job.To<Job>().Spec.Selector?.Selector ?? LabelSelector.Nothing);
        });
        builder.AddController("job-lost-pods", controller =>
        {
            controller.Reconciler = new LostPodReconciler(new(builder.Client, new(builder.Client, told)), jobs, pods);
            controller.For(pods, static (_, now) => now?.Finalizers.Contains(JobPods.Finalizer) == true);
            controller.Watches<Job>(jobs, (before, now) => now is null || now.Finished is not null ? ControllerIndex.Controlled<Pod>(pods, (now ?? before)!).Select(static pod => pod.Key) : []);
        });
        builder.AddController("ttl-after-finished", controller =>
        {
            controller.MaxConcurrentReconciles = Workers;
            controller.Reconciler = new TimeToLive(builder.Client, jobs);
            controller.For<Job>(jobs, static (_, now) => now is { Spec.TtlSecondsAfterFinished: not null, Finished: not null });
        });
    }
}
