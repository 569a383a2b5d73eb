using System.Globalization;
using System.Text.Json.Nodes;

namespace Capstan.Cluster.Cleanup.Garbage;

/// <summary>Tells people that an object names an owner in another namespace, which does not count.</summary>
internal static class InvalidOwnerEvent
{
    private const string Component = "garbage-collector-controller";

    private static readonly ResourceType Events = new("", "v1", "Event", "events", Namespaced: true);

    /// <summary>Writes the Event. It is a courtesy: that it cannot be written is nobody's failure.</summary>
    public static async Task WriteAsync(KubeClient client, OwnedObject dependant, OwnerReference owner, CancellationToken cancellationToken)
    {
        var now = client.Options.TimeProvider.GetUtcNow();
        var (key, type) = (dependant.Key, dependant.Type);
        var regarding = new JsonObject { ["apiVersion"] = type.ApiVersion, ["kind"] = type.Kind, ["name"] = key.Name, ["uid"] = dependant.Uid };
        if (type.Namespaced)
        {
            regarding["namespace"] = key.Namespace;
        }

        var told = new JsonObject
        {
            ["apiVersion"] = Events.ApiVersion,
            ["kind"] = Events.Kind,
            ["metadata"] = new JsonObject
            {
                // As Kubernetes names them: the object's name and the moment.
                ["name"] = $"{key.Name}.{(now - DateTimeOffset.UnixEpoch).Ticks.ToString("x", CultureInfo.InvariantCulture)}",
                ["namespace"] = type.Namespaced ? key.Namespace : "default",
            },
            ["involvedObject"] = regarding,
            ["reason"] = "OwnerRefInvalidNamespace",
            ["message"] = $"ownerRef [{owner.ApiVersion}/{owner.Kind}, namespace: {key.Namespace}, name: {owner.Name}, uid: {owner.Uid}] does not exist in namespace \"{key.Namespace}\"",
            ["type"] = "Warning",
            ["source"] = new JsonObject { ["component"] = Component },
            ["reportingComponent"] = Component,
            ["firstTimestamp"] = KubeTime.Format(now),
            ["lastTimestamp"] = KubeTime.Format(now),
            ["count"] = 1,
        };
        try
        {
            await client.CreateAsync(Events, DynamicObject.From(told), new WriteOptions { FieldManager = NamespaceController.Manager }, cancellationToken);
        }
        catch (ApiException)
        {
            // Its namespace may be going.
        }
    }
}
