using System.Net;
using Capstan.Caching;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Services;

/// <summary>Keeps EndpointSlices equal to Endpoints that somebody else writes, of Services that select no pods: readers need to know slices only.</summary>
internal sealed class MirroringReconciler(SliceWrites writes, Informer services, Informer endpoints, Informer slices, ComponentEvents events) : Reconciler
{
    public const string ManagedBy = "endpointslicemirroring-controller.k8s.io";

    private const int MaxPerSubset = 1000;
    private const string SkipMirror = "endpointslice.kubernetes.io/skip-mirror";
    private const string LeaderElection = "control-plane.alpha.kubernetes.io/leader";
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var existing = slices.CacheOf<EndpointSlice>().ByIndex(ServiceSlices.ByService, key.ToString())
            .Where(slice => slice.Metadata.Labels!.GetValueOrDefault(EndpointSlice.ManagedBy) == ManagedBy)
            .ToList();
        if (endpoints.CacheOf<Endpoints>().Get(key) is { } source && IsMirrored(source) && services.CacheOf<Service>().Get(key) is { Spec.Selector: null })
        {
            await writes.WriteAsync(source, Changes(source, existing), static _ => { }, cancellationToken);
        }
        else
        {
            await writes.DeleteAsync(existing, cancellationToken);
        }

        return ReconcileResult.Done;
    }

    public static bool IsMirrored(KubeObject source) =>
        source.Metadata.Labels?.GetValueOrDefault(SkipMirror) != "true" && source.Metadata.Annotations?.ContainsKey(LeaderElection) != true;

    private SliceChanges Changes(Endpoints source, List<EndpointSlice> existing)
    {
        var known = existing.ToLookup(slice => (slice.AddressType, PortSet.KeyOf(slice.Ports)));
        var groups = Group(source);
        var changes = new SliceChanges([], [], [.. known.Where(group => !groups.ContainsKey(group.Key)).SelectMany(group => group)]);
        foreach (var (key, (ports, wanted)) in groups)
        {
            var slice = known[key].FirstOrDefault();
            changes.Delete.AddRange(known[key].Skip(1));
            if (slice is not null && IsCurrent(slice, source, wanted))
            {
                continue;
            }

            var made = NewSlice(source, key.AddressType, ports, [.. wanted.Values.Take(MaxPerSubset)]);
            made.Metadata.Name = slice?.Metadata.Name;
            made.Metadata.GenerateName = slice is null ? ServiceSlices.Prefix(source.Key) : null;
            (slice is null ? changes.Create : changes.Update).Add(made);
        }

        return changes;
    }

    private Dictionary<(string AddressType, string Ports), (List<EndpointPort> Ports, Dictionary<EndpointIdentity, Endpoint> Wanted)> Group(Endpoints source)
    {
        var groups = new Dictionary<(string AddressType, string Ports), (List<EndpointPort> Ports, Dictionary<EndpointIdentity, Endpoint> Wanted)>();
        var (invalid, skipped) = (0, 0);
        foreach (var subset in EndpointSubsets.Repack(source.Subsets ?? []))
        {
            List<EndpointPort> ports = [.. (subset.Ports ?? []).Select(port => new EndpointPort { Name = port.Name ?? "", Port = port.Port, Protocol = port.Protocol ?? "TCP", AppProtocol = port.AppProtocol })];
            var added = 0;
            foreach (var (address, ready) in (subset.Addresses ?? []).Select(one => (one, true)).Concat((subset.NotReadyAddresses ?? []).Select(one => (one, false))))
            {
                if (added == MaxPerSubset)
                {
                    skipped++;
                    continue;
                }

                if (PodAddresses.FamilyOf(address.Ip) is not { } family)
                {
                    invalid++;
                    continue;
                }

                var key = (family, PortSet.KeyOf(ports));
                if (!groups.TryGetValue(key, out var group))
                {
                    groups[key] = group = (ports, []);
                }

                var endpoint = new Endpoint
                {
                    Addresses = [IPAddress.Parse(address.Ip).ToString()],
                    Conditions = new() { Ready = ready },
                    TargetRef = address.TargetRef,
                    NodeName = address.NodeName,
                    Hostname = address.Hostname is { Length: > 0 } hostname ? hostname : null,
                };
                group.Wanted[endpoint.Identity] = endpoint;
                added++;
            }
        }

        TellLeftOut(source, invalid, skipped);
        return groups;
    }

    private void TellLeftOut(Endpoints source, int invalid, int skipped)
    {
        if (invalid > 0)
        {
            events.Warning(source, "InvalidIPAddress", $"Skipped {invalid} invalid IP addresses when mirroring to EndpointSlices");
        }

        if (skipped > 0)
        {
            events.Warning(source, "TooManyAddressesToMirror", $"A max of {MaxPerSubset} addresses can be mirrored to EndpointSlices per Endpoints subset. {invalid + skipped} addresses were skipped");
        }
    }

    private static bool IsCurrent(EndpointSlice slice, Endpoints source, Dictionary<EndpointIdentity, Endpoint> wanted) =>
        (slice.Endpoints?.Count ?? 0) == wanted.Count
        && (slice.Endpoints ?? []).TrueForAll(endpoint => wanted.TryGetValue(endpoint.Identity, out var now) && now.SaysTheSame(endpoint))
        && LabelMaps.AreEqual(source.Metadata.Labels, LabelMaps.Without(slice.Metadata.Labels, EndpointSlice.ManagedBy, EndpointSlice.ServiceName))
        && LabelMaps.AreEqual(Annotations(source), slice.Metadata.Annotations)
        && slice.Metadata.OwnerReferences?.Any(owner => owner.Kind == "Endpoints" && owner.Name == source.Metadata.Name && owner.Uid != source.Metadata.Uid) != true;

    private static EndpointSlice NewSlice(Endpoints source, string family, List<EndpointPort> ports, List<Endpoint> wanted)
    {
        var labels = LabelMaps.Without(source.Metadata.Labels);
        labels[EndpointSlice.ServiceName] = source.Metadata.Name!;
        labels[EndpointSlice.ManagedBy] = ManagedBy;
        return new()
        {
            Metadata = new()
            {
                Namespace = source.Metadata.Namespace,
                Labels = labels,
                Annotations = Annotations(source),
                OwnerReferences = [ServiceSlices.Owner(Endpoints.Resource, source)],
            },
            AddressType = family,
            Ports = ports,
            Endpoints = wanted,
        };
    }

    private static Dictionary<string, string> Annotations(Endpoints source) => LabelMaps.Without(source.Metadata.Annotations, TriggerTimes.Annotation, LastApplied);
}
