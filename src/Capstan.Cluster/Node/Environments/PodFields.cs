using System.Globalization;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Containers;
using Capstan.Cluster.Node.Pods;

namespace Capstan.Cluster.Node.Environments;

/// <summary>What a pod may learn of itself: values of <c>fieldRef</c> and <c>resourceFieldRef</c>.</summary>
internal static class PodFields
{
    /// <summary>The value of a field.</summary>
    /// <exception cref="ContainerConfigException">There is no such field.</exception>
    public static string Read(PodRecord record, string path)
    {
        var (pod, metadata) = (record.Pod, record.Pod.Metadata);
        if (Subscript(path, "metadata.labels") is { } label)
        {
            return metadata.Labels?.GetValueOrDefault(label) ?? "";
        }

        if (Subscript(path, "metadata.annotations") is { } annotation)
        {
            return metadata.Annotations?.GetValueOrDefault(annotation) ?? "";
        }

        return path switch
        {
            "metadata.name" => metadata.Name ?? "",
            "metadata.namespace" => metadata.Namespace ?? "",
            "metadata.uid" => metadata.Uid ?? "",
            "metadata.labels" => Lines(metadata.Labels),
            "metadata.annotations" => Lines(metadata.Annotations),
            "spec.nodeName" => NodeObject.Name,
            "spec.serviceAccountName" => pod.Spec.ServiceAccountName ?? "default",
            "status.hostIP" or "status.hostIPs" => NodeObject.Address,
            "status.podIP" or "status.podIPs" => record.Address.ToString(),
            _ => throw new ContainerConfigException($"unsupported fieldPath: {path}"),
        };
    }

    /// <summary>The value of a container's resource, in whole divisors, rounded up. What has no limit may have all of the machine.</summary>
    /// <exception cref="ContainerConfigException">There is no such container or resource.</exception>
    public static string Read(PodRecord record, ResourceReference reference, string ownContainer)
    {
        var name = string.IsNullOrEmpty(reference.ContainerName) ? ownContainer : reference.ContainerName;
        var container = record.AllContainers.FirstOrDefault(candidate => candidate.Name == name) ?? throw new ContainerConfigException($"container {name} not found");
        var dot = reference.Resource.IndexOf('.', StringComparison.Ordinal);
        var (kind, resource) = dot < 0 ? ("", "") : (reference.Resource[..dot], reference.Resource[(dot + 1)..]);
        var amount = kind switch
        {
            "limits" => container.Spec.Resources?.Limits?.TryGetValue(resource, out var limit) == true ? limit.AsApproximateDouble() : OfMachine(resource),
            "requests" => container.Spec.Resources?.Requests?.TryGetValue(resource, out var request) == true ? request.AsApproximateDouble() : 0,
            _ => throw new ContainerConfigException($"unsupported container resource : {reference.Resource}"),
        };
        var divisor = reference.Divisor?.AsApproximateDouble() is > 0 and var given ? given : 1;
        return Math.Ceiling(Math.Round(amount / divisor, 6)).ToString("0", CultureInfo.InvariantCulture);
    }

    private static double OfMachine(string resource) => resource switch
    {
        "cpu" => Environment.ProcessorCount,
        "memory" => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        _ => 0,
    };

    /// <summary>The text between the brackets of <c>name['text']</c>.</summary>
    private static string? Subscript(string path, string name) =>
        path.StartsWith(name + "['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal) && path.Length >= name.Length + 4 ? path[(name.Length + 2)..^2] : null;

    private static string Lines(Dictionary<string, string>? map) =>
        string.Join('\n', (map ?? []).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}=\"{pair.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\""));
}
