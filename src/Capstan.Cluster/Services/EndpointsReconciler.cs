using Capstan.Applying;
using Capstan.Caching;
using Capstan.Cluster.Cleanup;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;
using Capstan.Selectors;

namespace Capstan.Cluster.Services;

/// <summary>Keeps the Endpoints of a Service equal to the pods that it selects, for clients that know no EndpointSlices.</summary>
internal sealed class EndpointsReconciler(KubeClient client, Informer services, Informer pods, Informer endpoints, ComponentEvents events) : Reconciler
{
    public const string ManagedBy = "endpoints.kubernetes.io/managed-by";
    public const string Manager = "endpoint-controller";

    private const string Headless = "service.kubernetes.io/headless";
    private const string OverCapacity = "endpoints.kubernetes.io/over-capacity";

    private static readonly WriteOptions AsManager = new() { FieldManager = NamespaceController.Manager };

    private readonly TriggerTimes _triggers = new();

    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (services.CacheOf<Service>().Get(key) is not { } service)
        {
            _triggers.Forget(key);
            await DeleteAsync(key, cancellationToken);
            return ReconcileResult.Done;
        }

        if (service.Spec.Type == "ExternalName" || service.Spec.Selector is not { } selector)
        {
            return ReconcileResult.Done;
        }

        var selected = pods.CacheOf<Pod>().List(new ListQuery { Namespace = key.Namespace, LabelSelector = LabelSelector.FromLabels(selector) }).ToList();
        var trigger = _triggers.Next(service, selected);
        var subsets = EndpointSubsets.Repack(Subsets(service, selected));
        var current = endpoints.CacheOf<Endpoints>().Get(key);
        if (current is not null && IsCurrent(current, subsets, service))
        {
            return ReconcileResult.Done;
        }

        var wanted = (current ?? new Endpoints { Metadata = new() { Namespace = key.Namespace, Name = key.Name } }) with { Subsets = subsets.Count > 0 ? subsets : null };
        wanted.Metadata = wanted.Metadata with { Labels = Labels(service), Annotations = LabelMaps.Without(wanted.Metadata.Annotations, OverCapacity) };
        TriggerTimes.Annotate(wanted.Metadata, trigger);
        if (EndpointSubsets.Truncate(subsets))
        {
            wanted.Metadata.Annotations![OverCapacity] = "truncated";
        }

        if (wanted.Metadata.Annotations!.Count == 0)
        {
            wanted.Metadata.Annotations = null;
        }

        await WriteAsync(current is null, wanted, service, cancellationToken);
        return ReconcileResult.Done;
    }

    private async Task WriteAsync(bool isNew, Endpoints wanted, Service service, CancellationToken cancellationToken)
    {
        try
        {
            _ = isNew ? await client.CreateAsync(wanted, AsManager, cancellationToken) : await client.UpdateAsync(wanted, AsManager, cancellationToken);
        }
        catch (ApiException error) when (isNew && error.IsForbidden && error.Status.Details?.Causes?.Any(cause => cause.Reason == "NamespaceTerminating") == true)
        {
            // It goes with its namespace.
        }
        catch (ApiException error)
        {
            var (reason, what) = isNew ? ("FailedToCreateEndpoint", "create endpoint for service") : ("FailedToUpdateEndpoint", "update endpoint");
            events.Warning(wanted, reason, $"Failed to {what} {service.Key}: {error.Status.Message}");
            throw;
        }
    }

    private async Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (endpoints.Cache.Get(key) is null)
        {
            return;
        }

        try
        {
            await client.DeleteAsync(Endpoints.Resource, key, cancellationToken: cancellationToken);
        }
        catch (ApiException error) when (error.IsNotFound)
        {
            // As meant.
        }
    }

    private static IEnumerable<EndpointSubset> Subsets(Service service, List<Pod> selected)
    {
        var evenUnready = service.Spec.PublishNotReadyAddresses == true;
        var family = service.Spec.IpFamilies is [var first, ..] ? first : null;
        foreach (var pod in selected.Where(pod => PodAddresses.MayServe(pod, whileTerminating: evenUnready)))
        {
            var wanted = family ?? (service.IsHeadless ? PodAddresses.FamilyOf(pod.Status?.PodIP ?? "") : PodAddresses.FamilyOf(service.Spec.ClusterIP!)) ?? PodAddresses.IPv4;
            if (PodAddresses.Of(pod, wanted).FirstOrDefault() is not { } ip)
            {
                continue;
            }

            var address = new EndpointAddress
            {
                Ip = ip,
                NodeName = pod.Spec.NodeName ?? "",
                Hostname = PodAddresses.HasHostname(pod, service) ? pod.Spec.Hostname : null,
                TargetRef = new ObjectReference { Kind = "Pod", Namespace = pod.Metadata.Namespace, Name = pod.Metadata.Name, Uid = pod.Metadata.Uid },
            };
            var isReady = evenUnready || pod.IsReady;
            EndpointSubset Of(List<SubsetPort> ports) => new() { Addresses = isReady ? [address] : null, NotReadyAddresses = isReady ? null : [address], Ports = ports };
            if (service.Spec.Ports is null or { Count: 0 })
            {
                if (service.Spec.ClusterIP == "None")
                {
                    yield return Of([]);
                }

                continue;
            }

            foreach (var (port, number) in ServicePorts.In(pod, service))
            {
                yield return Of([new() { Name = port.Name is { Length: > 0 } name ? name : null, Port = number, Protocol = port.Protocol ?? "TCP", AppProtocol = port.AppProtocol }]);
            }
        }
    }

    private static Dictionary<string, string> Labels(Service service)
    {
        var labels = LabelMaps.Without(service.Metadata.Labels, Headless);
        if (service.IsHeadless)
        {
            labels[Headless] = "";
        }

        labels[ManagedBy] = Manager;
        return labels;
    }

    private static bool IsCurrent(Endpoints current, List<EndpointSubset> subsets, Service service)
    {
        var labels = current.Metadata.Labels;
        return EndpointSubsets.Text(EndpointSubsets.Repack(current.Subsets ?? [])) == EndpointSubsets.Text(subsets)
            && labels?.GetValueOrDefault(ManagedBy) == Manager
            && LabelMaps.AreEqual(LabelMaps.Without(labels, Headless, ManagedBy), LabelMaps.Without(service.Metadata.Labels, Headless, ManagedBy))
            && current.Metadata.Annotations?.ContainsKey(OverCapacity) != true;
    }
}
