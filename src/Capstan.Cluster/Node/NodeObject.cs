using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Capstan.Cluster.Node;

/// <summary>The Node that pods are on: this machine.</summary>
internal static class NodeObject
{
    public const string Name = "capstan-local";

    public const string Address = "127.0.0.1";

    private const string NotReady = "node.kubernetes.io/not-ready";

    public static ResourceType Resource { get; } = new("", "v1", "Node", "nodes", Namespaced: false);

    private static readonly ObjectKey Key = ObjectKey.ClusterScoped(Name);

    /// <summary>Makes the Node, or says anew what it is: its labels, taints and whether pods may come to it stay as people have set them.</summary>
    /// <param name="client">Of the kubelet.</param>
    /// <param name="port">Where the kubelet serves.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task RegisterAsync(KubeClient client, int port, CancellationToken cancellationToken)
    {
        if (await client.FindAsync(Resource, Key, cancellationToken) is null)
        {
            try
            {
                await client.CreateAsync(Resource, DynamicObject.From(Describe()), cancellationToken: cancellationToken);
            }
            catch (ApiException error) when (error.IsAlreadyExists)
            {
                // Whose it is does not matter.
            }
        }

        await TellAsync(client, port, isReady: true, cancellationToken);
        await RemoveTaintAsync(client, cancellationToken);
    }

    /// <summary>The API server taints nodes that are new; that they are ready is seen by a controller elsewhere, and here by who made it so.</summary>
    private static Task RemoveTaintAsync(KubeClient client, CancellationToken cancellationToken) =>
        client.RetryOnConflictAsync(
            async stop =>
            {
                var node = (await client.GetAsync(Resource, Key, stop)).ToJson();
                if (node["spec"]?["taints"] is JsonArray taints && taints.FirstOrDefault(taint => (string?)taint?["key"] == NotReady) is { } mine)
                {
                    taints.Remove(mine);
                    await client.UpdateAsync(Resource, DynamicObject.From(node), new WriteOptions { FieldManager = "kube-controller-manager" }, stop);
                }

                return true;
            },
            cancellationToken);

    /// <summary>Writes the status.</summary>
    public static Task TellAsync(KubeClient client, int port, bool isReady, CancellationToken cancellationToken) =>
        client.RetryOnConflictAsync(
            async stop =>
            {
                var node = (await client.GetAsync(Resource, Key, stop)).ToJson();
                node["status"] = Status(node["status"] as JsonObject, port, isReady, client.Options.TimeProvider.GetUtcNow());
                await client.UpdateAsync(Resource, DynamicObject.From(node), new WriteOptions { Subresource = "status" }, stop);
                return true;
            },
            cancellationToken);

    private static JsonObject Describe() => new()
    {
        ["apiVersion"] = Resource.ApiVersion,
        ["kind"] = Resource.Kind,
        ["metadata"] = new JsonObject
        {
            ["name"] = Name,
            ["labels"] = new JsonObject
            {
                ["kubernetes.io/hostname"] = Name,
                ["kubernetes.io/os"] = "linux",
                ["kubernetes.io/arch"] = Architecture,
                ["beta.kubernetes.io/os"] = "linux",
                ["beta.kubernetes.io/arch"] = Architecture,
            },
        },
        ["spec"] = new JsonObject(),
    };

    private static string Architecture => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        var other => other.ToString().ToLowerInvariant(),
    };

    private static JsonObject Status(JsonObject? before, int port, bool isReady, DateTimeOffset now) => new()
    {
        ["addresses"] = new JsonArray(
            new JsonObject { ["type"] = "InternalIP", ["address"] = Address },
            new JsonObject { ["type"] = "Hostname", ["address"] = Name }),
        ["capacity"] = Capacity(),
        ["allocatable"] = Capacity(),
        ["conditions"] = new JsonArray(
            Condition(before, "MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available", now),
            Condition(before, "DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure", now),
            Condition(before, "PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available", now),
            isReady
                ? Condition(before, "Ready", "True", "KubeletReady", "kubelet is posting ready status", now)
                : Condition(before, "Ready", "False", "KubeletNotReady", "node is shutting down", now)),
        ["daemonEndpoints"] = new JsonObject { ["kubeletEndpoint"] = new JsonObject { ["Port"] = port } },
        ["nodeInfo"] = new JsonObject
        {
            ["architecture"] = Architecture,
            ["bootID"] = FirstLine("/proc/sys/kernel/random/boot_id"),
            ["containerRuntimeVersion"] = "capstan://processes",
            ["kernelVersion"] = FirstLine("/proc/sys/kernel/osrelease"),
            ["kubeProxyVersion"] = "",
            ["kubeletVersion"] = "v1.36.0",
            ["machineID"] = FirstLine("/etc/machine-id"),
            ["operatingSystem"] = "linux",
            ["osImage"] = RuntimeInformation.OSDescription,
            ["systemUUID"] = FirstLine("/etc/machine-id"),
        },
    };

    private static JsonObject Capacity() => new()
    {
        ["cpu"] = $"{Environment.ProcessorCount}",
        ["memory"] = $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1024}Ki",
        ["pods"] = "250",
    };

    private static JsonObject Condition(JsonObject? before, string type, string status, string reason, string message, DateTimeOffset now)
    {
        var old = (before?["conditions"] as JsonArray ?? []).FirstOrDefault(condition => (string?)condition?["type"] == type);
        return new JsonObject
        {
            ["type"] = type,
            ["status"] = status,
            ["lastHeartbeatTime"] = KubeTime.Format(now),
            ["lastTransitionTime"] = (string?)old?["status"] == status && (string?)old?["lastTransitionTime"] is { } since ? since : KubeTime.Format(now),
            ["reason"] = reason,
            ["message"] = message,
        };
    }

    private static string FirstLine(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault() ?? "";
        }
        catch (IOException)
        {
            return "";
        }
    }
}
