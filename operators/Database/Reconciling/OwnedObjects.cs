using Capstan;
using Capstan.Caching;
using Capstan.Selectors;
using Databases.Desired;
using Databases.Resources;

namespace Databases.Reconciling;

/// <summary>The objects of all Databases, from caches that hold those with the operator's label and no others: nobody else's Secret is ever read.</summary>
[Rbac("", "secrets, configmaps, services", "list", "watch")]
[Rbac("", "pods", "list", "watch")]
[Rbac("apps", "statefulsets", "list", "watch")]
[Rbac("policy", "poddisruptionbudgets", "list", "watch")]
internal sealed class OwnedObjects
{
    private readonly Dictionary<ResourceType, Informer> _informers;

    /// <summary>Adds the informers to the operator.</summary>
    public OwnedObjects(OperatorBuilder builder, InformerOptions options)
    {
        var ours = options with { LabelSelector = LabelSelector.Parse($"{ChildNames.ManagedBy}={ChildNames.Manager}") };
        ResourceType[] kinds = [ChildKinds.ConfigMap, ChildKinds.Secret, ChildKinds.Service, ChildKinds.StatefulSet, ChildKinds.DisruptionBudget, ChildKinds.Pod];
        _informers = kinds.ToDictionary(kind => kind, kind => builder.AddInformer(kind, ours));
    }

    /// <summary>The object as the cache has it; null when it has none.</summary>
    public DynamicObject? Find(ResourceType type, string @namespace, string name) => _informers[type].Cache.Get(new(@namespace, name));

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
            else
            {
                controller.Owns(informer, Database.Resource, type == ChildKinds.StatefulSet ? StatefulSetState.IsNews : null);
            }
        }
    }

    private static IEnumerable<ObjectKey> DatabaseOf(DynamicObject pod) => pod.Labels.TryGetValue("database", out var name) ? [new(pod.Key.Namespace, name)] : [];
}
