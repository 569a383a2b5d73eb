using System.Text.Json.Nodes;
using Capstan.ApiServer.Access;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Aggregation;

/// <summary>Tells other servers by what they know clients and this server: ConfigMap <c>kube-system/extension-apiserver-authentication</c>.</summary>
internal static class ExtensionAuthentication
{
    private static readonly GroupResource ConfigMaps = new("", "configmaps");
    private static readonly ObjectKey Key = new("kube-system", "extension-apiserver-authentication");

    /// <summary>Writes it if it does not say so yet.</summary>
    public static void Publish(Store store, ServerIdentity identity, TimeProvider clock)
    {
        var data = new JsonObject
        {
            ["client-ca-file"] = identity.Certificates.AuthorityPem + "\n",
            ["requestheader-allowed-names"] = $"[\"{ServerIdentity.FrontProxyName}\"]",
            ["requestheader-client-ca-file"] = identity.FrontProxy.AuthorityPem + "\n",
            ["requestheader-extra-headers-prefix"] = "[\"X-Remote-Extra-\"]",
            ["requestheader-group-headers"] = "[\"X-Remote-Group\"]",
            ["requestheader-uid-headers"] = "[\"X-Remote-Uid\"]",
            ["requestheader-username-headers"] = "[\"X-Remote-User\"]",
        };
        var stored = store.Find(ConfigMaps, Key);
        var known = stored is null ? null : ObjectJson.Parse(stored.Json);
        if (known is not null && JsonNode.DeepEquals(known["data"], data))
        {
            return;
        }

        known ??= new JsonObject
        {
            ["kind"] = "ConfigMap",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = Key.Name,
                ["namespace"] = Key.Namespace,
                ["uid"] = Guid.NewGuid().ToString(),
                ["creationTimestamp"] = KubeTime.Format(clock.GetUtcNow()),
            },
        };
        known["data"] = data;
        store.TryPut(ConfigMaps, ObjectEncoder.Encode(known), stored);
    }
}
