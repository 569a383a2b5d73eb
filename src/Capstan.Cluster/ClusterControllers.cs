using Capstan.Cluster.Access;
using Capstan.Cluster.Autoscaling;
using Capstan.Cluster.Cleanup;
using Capstan.Cluster.Cleanup.Garbage;
using Capstan.Cluster.Disruption;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Quotas;
using Capstan.Cluster.Services;
using Capstan.Cluster.Storage;
using Capstan.Cluster.Workloads.DaemonSets;
using Capstan.Cluster.Workloads.Deployments;
using Capstan.Cluster.Workloads.Jobs;
using Capstan.Cluster.Workloads.Jobs.Cron;
using Capstan.Cluster.Workloads.StatefulSets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Cluster;

/// <summary>What kube-controller-manager does for a cluster, as far as this cluster needs it: namespaces are furnished, and emptied when they go; what has lost its owners is collected; quotas are recounted; roles are aggregated.</summary>
/// <remarks>A client like any other: everything goes over the wire. Never run it beside a real kube-controller-manager.</remarks>
public static class ClusterControllers
{
    /// <summary>Makes the controllers as one operator, to be run by the caller.</summary>
    /// <param name="client">Client of a cluster administrator.</param>
    /// <param name="logs">Where logs go. Default: nowhere.</param>
    public static Operator Build(KubeClient client, ILoggerFactory? logs = null)
    {
        logs ??= NullLoggerFactory.Instance;
        var builder = new OperatorBuilder(client, new OperatorOptions { Name = "cluster", LoggerFactory = logs });
        var events = new ClusterEvents(client);
        builder.AddRunnable(events.RunAsync);
        var informers = new SharedInformers(builder);
        NamespaceController.AddTo(builder);
        TokenSecrets.AddTo(builder);
        RoleAggregation.AddTo(builder);
        GarbageCollector.AddTo(builder, logs);
        StorageProtection.AddTo(builder);
        QuotaController.AddTo(builder);
        ReplicaSetController.AddTo(builder, informers, events);
        DeploymentController.AddTo(builder, informers, events);
        ServiceControllers.AddTo(builder, informers, events);
        StatefulSetController.AddTo(builder, informers, events);
        DaemonSetController.AddTo(builder, informers, events);
        StorageControllers.AddTo(builder, informers, events);
        DisruptionController.AddTo(builder, informers, events);
        JobController.AddTo(builder, informers, events);
        CronJobController.AddTo(builder, informers, events);
        AutoscalingController.AddTo(builder, informers, events);
        return builder.Build();
    }
}
