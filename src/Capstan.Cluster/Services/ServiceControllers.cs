using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Services;

/// <summary>Tells where Services lead: EndpointSlices and Endpoints of those that select pods, slices of the Endpoints of others.</summary>
internal static class ServiceControllers
{
    private const int Workers = 5;
    private const string ByNode = "node";

    private static readonly ResourceType Nodes = new("", "v1", "Node", "nodes", Namespaced: false);

    public static void AddTo(OperatorBuilder builder, SharedInformers informers, ClusterEvents events)
    {
        var services = informers.Index(Service.Resource, ServicesOfPods.BySelector, ServicesOfPods.LabelOf);
        var pods = informers.Index(Pod.Resource, ByNode, static pod => pod.To<Pod>().Spec.NodeName is { Length: > 0 } node ? [node] : []);
        var nodes = informers.Of(Nodes);
        var slices = informers.Index(EndpointSlice.Resource, ServiceSlices.ByService, ServiceSlices.ServiceOf);
        var endpoints = informers.Of<Endpoints>();
        var concerned = new ServicesOfPods(services);
        var writes = new SliceWrites(builder.Client);

        builder.AddController("endpoint-slice-controller", controller =>
        {
            controller.MaxConcurrentReconciles = Workers;
            controller.Reconciler = new EndpointSliceReconciler(writes, services, pods, nodes, slices);
            controller.For(services);
            controller.Watches<Pod>(pods, concerned.Concerned);
            controller.Watches(slices, static (before, now) => ServiceSlices.Concerned(before, now, EndpointSliceReconciler.ManagedBy));

            // A node that comes after its pods, or moves to another zone.
            controller.Watches(
                nodes,
                (before, now) => pods.CacheOf<Pod>().ByIndex(ByNode, (now ?? before)!.Key.Name).SelectMany(pod => concerned.Concerned(null, pod)),
                static (before, now) => before is null || now is null || !LabelMaps.AreEqual(before.Labels, now.Labels));
        });
        builder.AddController("endpoints-controller", controller =>
        {
            controller.MaxConcurrentReconciles = Workers;
            controller.Reconciler = new EndpointsReconciler(builder.Client, services, pods, endpoints, events.From(EndpointsReconciler.Manager));
            controller.For(services);
            controller.Watches<Pod>(pods, concerned.Concerned);

            // What is found at the start may be left of a Service that is gone, and what somebody deletes comes back. Leases of old electors are nobody's.
            controller.Watches<Endpoints>(
                endpoints,
                (before, now) => now is null ? [before!.Key] : before is null && services.Cache.Get(now.Key) is null && MirroringReconciler.IsMirrored(now) && now.Metadata.Labels?.ContainsKey(EndpointsReconciler.ManagedBy) == true ? [now.Key] : []);
        });
        builder.AddController("endpointslice-mirroring-controller", controller =>
        {
            controller.MaxConcurrentReconciles = Workers;
            controller.Reconciler = new MirroringReconciler(writes, services, endpoints, slices, events.From("endpoint-slice-mirroring-controller"));
            controller.For<Endpoints>(endpoints, static (before, now) => (now is not null && MirroringReconciler.IsMirrored(now)) || (before is not null && MirroringReconciler.IsMirrored(before)));
            controller.Watches<Service>(
                services, static (before, now) => before is not null && now is not null && before.Spec.Selector is null == now.Spec.Selector is null ? [] : [(now ?? before)!.Key]);
            controller.Watches(slices, static (before, now) => ServiceSlices.Concerned(before, now, MirroringReconciler.ManagedBy));
        });
    }
}
