using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Services;

/// <summary>Where a Service's ports lead in a pod.</summary>
internal static class ServicePorts
{
    /// <summary>The ports of the Service that the pod has: a name that none of its containers knows is left out.</summary>
    public static IEnumerable<(ServicePort Of, int Number)> In(Pod pod, Service service)
    {
        foreach (var port in service.Spec.Ports ?? [])
        {
            if (Find(pod, port) is { } number)
            {
                yield return (port, number);
            }
        }
    }

    private static int? Find(Pod pod, ServicePort port)
    {
        if (port.TargetPort?.Text is not { } name)
        {
            return port.TargetPort?.Number ?? port.Port;
        }

        // Init containers that stay beside the others count too.
        return pod.Spec.Containers.Concat((pod.Spec.InitContainers ?? []).Where(container => container.RestartPolicy == "Always"))
            .SelectMany(container => container.Ports ?? [])
            .FirstOrDefault(one => one.Name == name && (one.Protocol ?? "TCP") == (port.Protocol ?? "TCP"))?.Number;
    }
}
