using Capstan;
using Capstan.Applying;
using Capstan.Controllers;
using Capstan.Dashboard.Serving;
using Capstan.Queueing;
using Databases.Admission;
using Databases.Desired;
using Databases.Dumps;
using Databases.Metrics;
using Databases.Reconciling;
using Databases.Resources;
using Databases.Sql;
using Microsoft.Extensions.Logging;

namespace Databases;

/// <summary>Puts the operator together: the caches, and for each kind a queue and a reconciler.</summary>
[Rbac<Database>("get", "list", "watch", "patch")]
[Rbac<Backup>("list", "watch")]
[Rbac("coordination.k8s.io", "leases", "create", "get", "list", "watch", "update", OwnNamespace = true)]
[Rbac("authentication.k8s.io", "tokenreviews", "create")]
[Rbac("authorization.k8s.io", "subjectaccessreviews", "create")]
public static class DatabaseOperator
{
    /// <summary>Lease of the leader election.</summary>
    public const string LeaseName = "postgres-operator.example.com";

    /// <summary>Builds the operator; it does nothing before it is run.</summary>
    /// <param name="client">Speaks to the cluster; not disposed.</param>
    /// <param name="options">How it runs.</param>
    /// <param name="loggers">Where logs go.</param>
    /// <param name="time">Clock; default the system's.</param>
    public static Operator Build(KubeClient client, DatabaseOperatorOptions options, ILoggerFactory loggers, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        var builder = new OperatorBuilder(client, new OperatorOptions
        {
            Name = "database-controller",
            MetricsBindAddress = options.MetricsBindAddress,
            MetricsSecure = options.MetricsSecure,
            HealthProbeBindAddress = options.HealthProbeBindAddress,
            LeaderElection = new() { Enabled = options.LeaderElect, LeaseName = LeaseName, Namespace = options.OperatorNamespace },
            LoggerFactory = loggers,
            TimeProvider = time,
            Webhooks = AdmissionServing.Named(options.Webhooks ?? new(), options.OperatorNamespace),
        });
        if (options.Webhooks is not null)
        {
            AdmissionServing.AddTo(builder);
        }

        // 1. What is read.
        var caching = new Capstan.Caching.InformerOptions { CacheSyncTimeout = options.CacheSyncTimeout };
        var databases = builder.AddInformer<Database>(caching);
        var backups = builder.AddInformer<Backup>(caching);
        var owned = new OwnedObjects(builder, caching);
        var queries = new DatabaseQueries(databases);
        DatabaseGauges.AddTo(builder.Meter, queries);

        // 2. What is done for one Database.
        var events = new DatabaseEvents(builder.Events);
        var status = new StatusReport(client, events, time);
        var applier = new Applier(client, ChildNames.Manager);
        var children = new Children(client, owned, applier);
        var passwords = new PasswordRotation(time);
        var connections = new PostgresConnections(new TokenBucket(options.ConnectionsPerSecond, burst: 1, time));
        var pods = new DatabasePods(client, owned);
        var volumes = new Volumes(client, children);
        var reconciler = new DatabaseReconciler(
            databases.CacheOf<Database>(),
            new Finalizer(client, DatabaseReconciler.FinalizerName),
            new BackupWait(backups.CacheOf<Backup>()),
            new Provisioning(children, passwords, volumes, new Rollouts(queries, owned, options.RolloutsPerEnvironment), events),
            new Verification(
                connections, pods, new Switchover(connections, pods, volumes, events, time), new StandbyCare(connections, pods, events, time), passwords, options.Connect),
            new Cleanup(children, status, events),
            status);

        // 3. When, and what is done for Backups and Restores.
        var restores = DumpControllers.AddTo(builder, databases, backups, owned, children, applier, caching, time);
        var metrics = new DatabaseMetrics(builder.Meter, time);
        var logger = loggers.CreateLogger("database");
        var run = new MeasuredRuns(reconciler, metrics, logger, time);
        builder.AddController("database", controller =>
        {
            controller.For(databases, Predicates.Or(Predicates.GenerationChanged, Predicates.AnnotationsChanged));
            controller.Watches<Backup>(backups, (_, backup) => backup is null ? [] : WaitingFor(backup));
            owned.Attach(controller);
            controller.MaxConcurrentReconciles = options.MaxConcurrentReconciles;
            controller.RateLimiter = new ExponentialBackoff(TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1000));
            if (options.Mode == ReconcileMode.Single)
            {
                controller.Reconcile = run.ReconcileAsync;
            }
            else
            {
                controller.MaxConcurrentReconciles = 1;
                controller.BatchReconciler = new DatabaseBatches(
                    databases.CacheOf<Database>(), run.ReconcileAsync, options.Mode == ReconcileMode.Parallel ? options.MaxConcurrentReconciles : 1, logger);
            }
        });
        var dashboard = options.Dashboard
            ? OperatorDashboard.AddTo(builder, history => new("database-operator", history, time) { Databases = new(databases, backups, restores) }, time)
            : null;
        var result = builder.Build();
        dashboard?.Observe(result);
        metrics.ObserveQueue(() => result.QueueDepth);
        return result;

        IEnumerable<ObjectKey> WaitingFor(Backup backup) =>
            databases.CacheOf<Database>().List(new() { Namespace = backup.Key.Namespace }).Where(database => database.Spec.BackupRef?.Name == backup.Metadata.Name).Select(database => database.Key);
    }
}
