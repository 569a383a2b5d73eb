using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.Webhooks;

/// <summary>Keeps the <c>caBundle</c> of one webhook configuration current. Nothing else of it is touched, but for the addresses of a local run.</summary>
/// <param name="client">Reads and patches.</param>
/// <param name="type">Kind of the configuration.</param>
/// <param name="name">Its name.</param>
/// <param name="localPort">Port of a local run, to which all its webhooks are led; null leaves their addresses alone.</param>
internal sealed class BundlePublisher(KubeClient client, ResourceType type, string name, Func<int>? localPort)
{
    // Two local runs would otherwise take each other's address out without end: the one that came last stays.
    private bool _hasLed;

    public static readonly ResourceType Validating =
        new("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", Namespaced: false);

    public static readonly ResourceType Mutating =
        new("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", Namespaced: false);

    public static readonly ResourceType Definitions =
        new("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", Namespaced: false);

    public ResourceType Type => type;

    public string Name => name;

    /// <summary>The configuration as it stands now; null if there is none.</summary>
    public Task<DynamicObject?> ReadAsync(CancellationToken cancellationToken) => client.FindAsync(type, ObjectKey.ClusterScoped(name), cancellationToken);

    /// <summary>Writes the bundle into every webhook that has another, in one patch that only holds for the version that was read.</summary>
    /// <returns>Whether something was written.</returns>
    /// <exception cref="ApiException">For example because the configuration has changed since.</exception>
    public async Task<bool> PublishAsync(DynamicObject configuration, string bundle, CancellationToken cancellationToken)
    {
        var patch = new JsonArray { (JsonNode)new JsonObject { ["op"] = "test", ["path"] = "/metadata/resourceVersion", ["value"] = configuration.ResourceVersion } };
        foreach (var (path, present) in ClientConfigs(configuration.ToJson()))
        {
            var wanted = Wanted(present, bundle);
            if (!JsonNode.DeepEquals(present, wanted))
            {
                patch.Add((JsonNode)new JsonObject { ["op"] = "replace", ["path"] = path, ["value"] = wanted });
            }
        }

        if (patch.Count == 1)
        {
            return false;
        }

        try
        {
            await client.PatchAsync(type, configuration.Key, PatchType.Json, Encoding.UTF8.GetBytes(patch.ToJsonString()), null, cancellationToken);
            _hasLed = true;
            return true;
        }
        catch (ApiException error) when (error.IsInvalid && error.Message.Contains("testing value", StringComparison.Ordinal))
        {
            // The answer to a test that fails is no conflict by its code.
            throw new ApiException(error.Status with { Reason = StatusReasons.Conflict }, $"PATCH {configuration}");
        }
    }

    /// <summary>Where the object says how its webhooks are reached: in each of a configuration, or in the conversion of a definition.</summary>
    private static IEnumerable<(string Path, JsonObject Present)> ClientConfigs(JsonObject configuration)
    {
        if (configuration["spec"]?["conversion"]?["webhook"]?["clientConfig"] is JsonObject conversion)
        {
            return [("/spec/conversion/webhook/clientConfig", conversion)];
        }

        return (configuration["webhooks"] as JsonArray ?? []).Select((webhook, i) => ($"/webhooks/{i}/clientConfig", webhook?["clientConfig"] as JsonObject ?? []));
    }

    private JsonObject Wanted(JsonObject present, string bundle)
    {
        var wanted = present.DeepClone().AsObject();
        wanted["caBundle"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(bundle));
        if (localPort is not null && (!_hasLed || !wanted.ContainsKey("url")))
        {
            var path = wanted["service"]?["path"]?.GetValue<string>()
                ?? (Uri.TryCreate(wanted["url"]?.GetValue<string>(), UriKind.Absolute, out var url) ? url.AbsolutePath : "/");
            wanted.Remove("service");
            wanted["url"] = $"https://127.0.0.1:{localPort()}{path}";
        }

        return wanted;
    }
}
