using System.Globalization;
using System.Text.Json.Nodes;

namespace Capstan.Cluster.Node.Environments;

/// <summary>Variables by which pods find Services, as Kubernetes gives them: those of the pod's namespace, and the API server always.</summary>
internal static class ServiceVariables
{
    private static readonly ResourceType Services = new("", "v1", "Service", "services", Namespaced: true);

    public static async Task AddAsync(KubeClient client, string @namespace, bool linksAll, Dictionary<string, string> variables, CancellationToken cancellationToken)
    {
        if (await client.FindAsync(Services, new("default", "kubernetes"), cancellationToken) is { } apiServer)
        {
            Add(apiServer.ToJson(), variables);
        }

        if (linksAll)
        {
            foreach (var service in (await client.ListAsync(Services, new ListOptions { Namespace = @namespace }, cancellationToken)).Items)
            {
                Add(service.ToJson(), variables);
            }
        }
    }

    /// <summary>Adds those of one Service; one without an address of its own has none.</summary>
    public static void Add(JsonObject service, Dictionary<string, string> variables)
    {
        var (spec, address) = (service["spec"], (string?)service["spec"]?["clusterIP"]);
        var ports = spec?["ports"] as JsonArray ?? [];
        if (address is null or "" or "None" || ports.Count == 0)
        {
            return;
        }

        var name = Upper((string)service["metadata"]!["name"]!);
        variables[$"{name}_SERVICE_HOST"] = address;
        variables[$"{name}_SERVICE_PORT"] = Number(ports[0]);
        for (var i = 0; i < ports.Count; i++)
        {
            var (number, protocol) = (Number(ports[i]), ((string?)ports[i]?["protocol"] ?? "TCP"));
            if ((string?)ports[i]?["name"] is { Length: > 0 } portName)
            {
                variables[$"{name}_SERVICE_PORT_{Upper(portName)}"] = number;
            }

            var (url, prefix) = ($"{protocol.ToLowerInvariant()}://{address}:{number}", $"{name}_PORT_{number}_{protocol.ToUpperInvariant()}");
            if (i == 0)
            {
                variables[$"{name}_PORT"] = url;
            }

            (variables[prefix], variables[prefix + "_PROTO"], variables[prefix + "_PORT"], variables[prefix + "_ADDR"]) = (url, protocol.ToLowerInvariant(), number, address);
        }
    }

    private static string Number(JsonNode? port) => ((int?)port?["port"] ?? 0).ToString(CultureInfo.InvariantCulture);

    private static string Upper(string name) => name.Replace('-', '_').ToUpperInvariant();
}
