using Capstan;
using Capstan.Caching;
using Capstan.Selectors;
using Databases.Desired;
using Databases.Resources;

namespace Databases.Reconciling;

/// <summary>The objects of all Databases, Backups and Restores, from caches that hold those with the operator's label and no others: nobody else's Secret is ever read.</summary>
[Rbac("", "secrets, configmaps, services", "list", "watch")]
[Rbac("", "pods", "list", "watch")]
[Rbac("apps", "statefulsets", "list", "watch")]
[Rbac("policy", "poddisruptionbudgets", "list", "watch")]
[Rbac("batch", "jobs, cronjobs", "list", "watch")]
internal sealed class OwnedObjects
{
    private readonly Dictionary<ResourceType, Informer> _informers;

    /// <summary>Adds the informers to the operator.</summary>
    public OwnedObjects(OperatorBuilder builder, InformerOptions options)
    {
        var ours = options with { LabelSelector = LabelSelector.Parse($"{ChildNames.ManagedBy}={ChildNames.Manager}") };
        ResourceType[] kinds = [ChildKinds.ConfigMap, ChildKinds.Secret, ChildKinds.Service, ChildKinds.StatefulSet, ChildKinds.DisruptionBudget, ChildKinds.Pod, ChildKinds.Job, ChildKinds.CronJob];
        _informers = kinds.ToDictionary(kind => kind, kind => builder.AddInformer(kind, ours));
    }

    /// <summary>The object as the cache has it; null when it has none.</summary>
    public DynamicObject? Find(ResourceType type, string @namespace, string name) => _informers[type].Cache.Get(new(@namespace, name));

    /// <summary>Those of a kind that have all of these labels, as the cache has them.</summary>
    public IReadOnlyList<DynamicObject> List(ResourceType type, string @namespace, string labels) =>
        _informers[type].Cache.List(new() { Namespace = @namespace, LabelSelector = LabelSelector.Parse(labels) });

    /// <summary>Runs a controller for what a label of Jobs, CronJobs and pods names: the Backup or the Restore that they work for.</summary>
    public void AttachDumps(ControllerBuilder controller, string label)
    {
        foreach (var type in (ResourceType[])[ChildKinds.Job, ChildKinds.CronJob, ChildKinds.Pod])
        {
            controller.Watches(_informers[type], (old, now) => (now ?? old)!.Labels.TryGetValue(label, out var name) ? [new((now ?? old)!.Key.Namespace, name)] : []);
        }
    }

    /// <summary>What is to happen inside a Database when one of its objects changes: another look at it.</summary>
    public void Attach(ControllerBuilder controller)
    {
        foreach (var (type, informer) in _informers)
        {
            if (type == ChildKinds.Pod)
            {
                // Pods belong to the StatefulSet: they know their Database by label.
                controller.Watches(informer, static (old, now) => DatabaseOf(now ?? old!), PodState.IsNews);
            }
            else if (type != ChildKinds.Job && type != ChildKinds.CronJob)
            {
                controller.Owns(informer, Database.Resource, type == ChildKinds.StatefulSet ? StatefulSetState.IsNews : null);
            }
        }
    }

    private static IEnumerable<ObjectKey> DatabaseOf(DynamicObject pod) => pod.Labels.TryGetValue("database", out var name) ? [new(pod.Key.Namespace, name)] : [];
}
