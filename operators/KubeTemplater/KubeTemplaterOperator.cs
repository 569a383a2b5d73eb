using System.Security.Cryptography;
using System.Text;
using Capstan;
using Capstan.Dashboard.Serving;
using Capstan.Queueing;
using KubeTemplater.Admission;
using KubeTemplater.Applying;
using KubeTemplater.Drift;
using KubeTemplater.Policies;
using KubeTemplater.Policies.Status;
using KubeTemplater.Reconciling;
using KubeTemplater.Recovery;
using KubeTemplater.Resources;
using KubeTemplater.Sharing;
using KubeTemplater.Upgrade;
using Microsoft.Extensions.Logging;

namespace KubeTemplater;

/// <summary>Puts the operator together: three informers, one queue, one reconciler.</summary>
[Rbac("", "namespaces", "list", "watch")]
[Rbac("coordination.k8s.io", "leases", "create", "get", "list", "watch", "update", "delete", OwnNamespace = true)]
[Rbac("authentication.k8s.io", "tokenreviews", "create")]
[Rbac("authorization.k8s.io", "subjectaccessreviews", "create")]
public static class KubeTemplaterOperator
{
    /// <summary>Lease of leader election; the Go operator's, so that the two never write at the same time.</summary>
    public const string LeaseName = "8377a775.my.company.com";

    /// <summary>The Lease of the operators that process these namespaces: for all, <see cref="LeaseName"/>; else that name and a hash of theirs.</summary>
    /// <param name="watched">Names of namespaces, sorted; none means all.</param>
    public static string LeaseNameOf(IReadOnlyList<string> watched) => watched.Count == 0
        ? LeaseName
        : $"{LeaseName}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(',', watched))).AsSpan(0, 5))}";

    private static readonly ResourceType Namespaces = new("", "v1", "Namespace", "namespaces", Namespaced: false);

    /// <summary>Builds the operator; it does nothing before it is run.</summary>
    /// <param name="client">Speaks to the cluster; not disposed.</param>
    /// <param name="options">How it runs.</param>
    /// <param name="loggers">Where logs go.</param>
    /// <param name="time">Clock; default the system's.</param>
    public static Operator Build(KubeClient client, KubeTemplaterOptions options, ILoggerFactory loggers, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        var builder = new OperatorBuilder(client, new OperatorOptions
        {
            Name = "kubetemplater",
            MetricsBindAddress = options.MetricsBindAddress,
            MetricsSecure = options.MetricsSecure,
            MetricsCertificate = options.MetricsCertificate,
            OtlpEndpoint = options.OtlpEndpoint,
            HealthProbeBindAddress = options.HealthProbeBindAddress,
            LeaderElection = new()
            {
                Enabled = options.LeaderElect && !options.Sharding, LeaseName = LeaseNameOf(options.WatchNamespaces), Namespace = options.OperatorNamespace, Identity = GoLease.NewIdentity(),
            },
            Sharding = TemplateSharing.OptionsOf(options),
            LoggerFactory = loggers,
            TimeProvider = time,
            Webhooks = options.Admission.ToWebhooks(options.OperatorNamespace),
        });
        var templates = builder.AddInformer<KubeTemplate>(new() { Namespaces = options.WatchNamespaces });
        var policies = builder.AddInformer<KubeTemplatePolicy>(new() { Namespace = options.OperatorNamespace });
        var cache = templates.CacheOf<KubeTemplate>();
        var namespaces = builder.AddInformer(Namespaces, new() { MetadataOnly = true });
        var book = new PolicyBook(client, policies, options.OperatorNamespace, options.PolicyCacheTtl, builder.Meter, time);
        var usage = PolicyUsage.AddTo(builder, policies, templates, book, options.WatchNamespaces, loggers.CreateLogger("kubetemplater"), time);
        var judge = new TemplateJudge(book, client.Discovery, namespaces.Cache, usage);
        AdmissionServing.Add(builder, options, judge, policies, namespaces, time);
        var claims = new ClaimBook(templates, judge, client.Discovery);
        var budget = new WriteBudget();
        var marks = new PhaseMarks(client, cache);
        var pending = new PendingTemplates(time, budget, builder.Ownership.Has, marks.IsWorthMarking, marks.WriteAsync);
        var metrics = new TemplateMetrics(builder.Meter);
        var logger = loggers.CreateLogger("kubetemplater");
        var earlier = new EarlierWork(templates, builder.Ownership);
        var applying = new ApplyingParts(client, book, judge, claims, namespaces.Cache, earlier, budget, metrics, logger, time);
        var drift = new DriftParts(builder, templates, claims, options, logger, time);
        builder.AddController("kubetemplate", controller =>
        {
            controller.For(templates, (old, current) => (!SameSpec(old, current) || ResumeRequest.IsNew(old, current)) && Noticed(current ?? old));
            controller.Watches(policies, (old, current) => SameSpec(old, current) ? [] : Governed(old).Concat(Governed(current)));
            controller.Watches(templates, (old, current) => claims.Concerned(old, current).Where(Expected));
            drift.Attach(controller);
            controller.MaxConcurrentReconciles = options.Workers;
            controller.RateLimiter = new ExponentialBackoff(TimeSpan.FromTicks(Math.Min(options.InitialRetryDelay.Ticks, options.MaxRetryDelay.Ticks)), options.MaxRetryDelay);
            var status = new StatusPublisher(client, cache, pending, budget);
            var schedule = new RetrySchedule(options);
            controller.Reconciler = new TemplateReconciler(
                cache,
                judge,
                applying.Run,
                drift.Desk,
                applying.Cleanup,
                schedule,
                new ResumeRequest(client, status, time),
                new RunEnds(status, new TemplateEvents(builder.Events), metrics, schedule, options, logger, time),
                pending,
                metrics,
                time);
        });
        builder.AddRunnable(pending.MarkOverdueAsync);
        TemplateSharing.AddTo(builder, options, time, logger);
        Takeover.AddTo(builder, namespaces, options, time, logger);
        var dashboard = options.Dashboard
            ? OperatorDashboard.AddTo(builder, history => new("kubetemplater", history, time) { Templates = new(templates, time), Policies = new(policies) }, time)
            : null;
        var result = builder.Build();
        dashboard?.Observe(result);
        metrics.ObserveQueue(() => result.QueueDepth, () => result.QueueAdds);
        metrics.ObservePhases(new PhaseCount(templates).Now);
        return result;

        IEnumerable<ObjectKey> Governed(DynamicObject? policy) => policy is null
            ? []
            : templates.Cache.List(new() { Namespace = policy.To<KubeTemplatePolicy>().Spec.SourceNamespace }).Where(Noticed).Select(t => t.Key);

        // Before the queue has the key: a worker may take it at once.
        bool Noticed(DynamicObject? template) => Expected(template!.Key);

        bool Expected(ObjectKey key)
        {
            pending.Notice(key);
            return true;
        }
    }

    /// <summary>Status and labels mean nothing to us: only a new spec, a deletion, or another object of the same name, is work.</summary>
    private static bool SameSpec(DynamicObject? old, DynamicObject? current) =>
        old is not null && current is not null && old.Generation == current.Generation && old.Uid == current.Uid
        && old.DeletionTimestamp == current.DeletionTimestamp;
}
