using Capstan.Caching;
using Capstan.Cluster.Kinds;
using Capstan.Selectors;

namespace Capstan.Cluster.Workloads;

/// <summary>Finds objects in a cache by what controls them: each is under the uid of its controller, or with the orphans of its namespace.</summary>
internal static class ControllerIndex
{
    private const string Name = "controller";

    public static Informer AddTo(SharedInformers informers, ResourceType type) =>
        informers.Index(type, Name, static value => [Find(value) is { } controller ? controller.Uid : Orphans(value.Key.Namespace)]);

    public static OwnerReference? Find(DynamicObject value) => value.OwnerReferences.FirstOrDefault(static reference => reference.Controller == true);

    /// <summary>What an object of a uid controls.</summary>
    public static IReadOnlyList<DynamicObject> ControlledBy(Informer informer, string uid) => informer.Cache.ByIndex(Name, uid);

    /// <summary>What an object controls.</summary>
    public static List<T> Controlled<T>(Informer informer, KubeObject owner)
        where T : KubeObject, IKubeObject<T> =>
        [.. informer.CacheOf<T>().ByIndex(Name, owner.Metadata.Uid!)];

    /// <summary>What an object controls, and the orphans beside it that it selects.</summary>
    public static List<T> Candidates<T>(Informer informer, KubeObject owner, LabelSelector selector)
        where T : KubeObject, IKubeObject<T> =>
        [
            .. Controlled<T>(informer, owner),
            .. informer.Cache.ByIndex(Name, Orphans(owner.Key.Namespace)).Where(value => selector.Matches(value.Labels)).Select(static value => value.To<T>()),
        ];

    // No uid begins so.
    private static string Orphans(string @namespace) => "/" + @namespace;
}
