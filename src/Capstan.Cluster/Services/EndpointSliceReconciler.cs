using Capstan.Applying;
using Capstan.Caching;
using Capstan.Cluster.Kinds;
using Capstan.Selectors;

namespace Capstan.Cluster.Services;

/// <summary>Keeps the EndpointSlices of a Service equal to the pods that it selects. Slices that others manage are not looked at.</summary>
internal sealed class EndpointSliceReconciler(SliceWrites writes, Informer services, Informer pods, Informer nodes, Informer slices) : Reconciler
{
    public const string ManagedBy = "endpointslice-controller.k8s.io";

    private const string Headless = "service.kubernetes.io/headless";
    private const string Zone = "topology.kubernetes.io/zone";

    private readonly TriggerTimes _triggers = new();

    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (services.CacheOf<Service>().Get(key) is not { } service)
        {
            // The garbage collector takes what it had.
            _triggers.Forget(key);
            return ReconcileResult.Done;
        }

        if (service.Spec.Type == "ExternalName" || service.Spec.Selector is not { } selector)
        {
            return ReconcileResult.Done;
        }

        var selected = pods.CacheOf<Pod>().List(new ListQuery { Namespace = key.Namespace, LabelSelector = LabelSelector.FromLabels(selector) }).ToList();
        var existing = slices.CacheOf<EndpointSlice>().ByIndex(ServiceSlices.ByService, key.ToString())
            .Where(slice => slice.Metadata.DeletionTimestamp is null && slice.Metadata.Labels!.GetValueOrDefault(EndpointSlice.ManagedBy) == ManagedBy)
            .ToList();
        var trigger = _triggers.Next(service, selected);
        var families = PodAddresses.Families(service);
        foreach (var family in families)
        {
            var changes = Changes(service, family, selected, existing.FindAll(slice => slice.AddressType == family));
            await writes.WriteAsync(service, changes, slice => TriggerTimes.Annotate(slice.Metadata, trigger), cancellationToken);
        }

        await writes.DeleteAsync(existing.Where(slice => !families.Contains(slice.AddressType)), cancellationToken);
        return ReconcileResult.Done;
    }

    private SliceChanges Changes(Service service, string family, List<Pod> selected, List<EndpointSlice> existing)
    {
        var owned = existing.ToLookup(slice => slice.Metadata.OwnerReferences?.Any(owner => owner.Uid == service.Metadata.Uid && owner.Kind == "Service") == true);
        var byPorts = owned[true].ToLookup(slice => PortSet.KeyOf(slice.Ports));
        var all = new SliceChanges([], [], [.. owned[false]]);
        var groups = Group(service, family, selected);
        foreach (var (ports, (list, endpoints)) in groups)
        {
            var changes = SlicePacking.Pack(byPorts[ports], endpoints, slice => NewLabels(slice, service), () => NewSlice(service, family, list));
            all.Create.AddRange(changes.Create);
            all.Update.AddRange(changes.Update);
            all.Delete.AddRange(changes.Delete);
        }

        all.Delete.AddRange(byPorts.Where(group => !groups.ContainsKey(group.Key)).SelectMany(group => group));
        if (existing.Count == all.Delete.Count && all.Create.Count == 0)
        {
            // An empty slice says that there is nobody, which is more than nothing.
            var empty = NewSlice(service, family, []);
            if (all.Delete is [var only] && IsSamePlaceholder(only, empty))
            {
                all.Delete.Clear();
            }
            else
            {
                all.Create.Add(empty);
            }
        }

        return all;
    }

    /// <summary>Endpoints by the ports that their pods have: by names, these may differ.</summary>
    private Dictionary<string, (List<EndpointPort> Ports, Dictionary<EndpointIdentity, Endpoint> Endpoints)> Group(Service service, string family, List<Pod> selected)
    {
        var groups = new Dictionary<string, (List<EndpointPort> Ports, Dictionary<EndpointIdentity, Endpoint> Endpoints)>();
        foreach (var pod in selected.Where(pod => PodAddresses.MayServe(pod, whileTerminating: true)))
        {
            var ports = ServicePorts.In(pod, service)
                .Select(port => new EndpointPort { Name = port.Of.Name ?? "", Protocol = port.Of.Protocol ?? "TCP", Port = port.Number, AppProtocol = port.Of.AppProtocol })
                .ToList();
            var key = PortSet.KeyOf(ports);
            if (!groups.TryGetValue(key, out var group))
            {
                groups[key] = group = (ports, []);
            }

            // A pod of a node that is gone will go too; the node's coming has the Service looked at again.
            var node = nodes.Cache.Get(ObjectKey.ClusterScoped(pod.Spec.NodeName ?? ""));
            if ((node is not null || service.Spec.PublishNotReadyAddresses == true) && ToEndpoint(pod, node, service, family) is { Addresses.Count: > 0 } endpoint)
            {
                group.Endpoints[endpoint.Identity] = endpoint;
            }
        }

        return groups;
    }

    private static Endpoint ToEndpoint(Pod pod, DynamicObject? node, Service service, string family)
    {
        var (serving, terminating) = (pod.IsReady, pod.Metadata.DeletionTimestamp is not null);
        return new()
        {
            Addresses = [.. PodAddresses.Of(pod, family)],
            Conditions = new() { Ready = service.Spec.PublishNotReadyAddresses == true || (serving && !terminating), Serving = serving, Terminating = terminating },
            TargetRef = new ObjectReference { Kind = "Pod", Namespace = pod.Metadata.Namespace, Name = pod.Metadata.Name, Uid = pod.Metadata.Uid },
            NodeName = pod.Spec.NodeName is { Length: > 0 } name ? name : null,
            Zone = node?.Labels.GetValueOrDefault(Zone) is { Length: > 0 } zone ? zone : null,
            Hostname = PodAddresses.HasHostname(pod, service) ? pod.Spec.Hostname : null,
        };
    }

    private static EndpointSlice NewSlice(Service service, string family, List<EndpointPort> ports) => new()
    {
        Metadata = new()
        {
            GenerateName = ServiceSlices.Prefix(service.Key),
            Namespace = service.Metadata.Namespace,
            Labels = Labels(service),
            OwnerReferences = [ServiceSlices.Owner(Service.Resource, service)],
        },
        AddressType = family,
        Ports = ports,
    };

    /// <summary>Null when those of the slice are the Service's already.</summary>
    private static Dictionary<string, string>? NewLabels(EndpointSlice slice, Service service) =>
        LabelMaps.AreEqual(Own(slice.Metadata.Labels), Own(service.Metadata.Labels)) ? null : Labels(service);

    private static Dictionary<string, string> Labels(Service service)
    {
        var labels = Own(service.Metadata.Labels);
        if (service.IsHeadless)
        {
            labels[Headless] = "";
        }

        labels[EndpointSlice.ServiceName] = service.Metadata.Name!;
        labels[EndpointSlice.ManagedBy] = ManagedBy;
        return labels;
    }

    private static Dictionary<string, string> Own(Dictionary<string, string>? labels) => LabelMaps.Without(labels, Headless, EndpointSlice.ServiceName, EndpointSlice.ManagedBy);

    private static bool IsSamePlaceholder(EndpointSlice one, EndpointSlice other) =>
        one.AddressType == other.AddressType && one.Endpoints is null or { Count: 0 } && one.Ports is null or { Count: 0 } && LabelMaps.AreEqual(one.Metadata.Labels, other.Metadata.Labels)
        && (one.Metadata.OwnerReferences ?? []).SequenceEqual(other.Metadata.OwnerReferences!);
}
