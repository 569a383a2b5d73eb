using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Admission;

/// <summary>The volume in which containers find the token of their ServiceAccount, whom to trust, and their namespace.</summary>
internal static class TokenVolume
{
    private const string Prefix = "kube-api-access-";
    private const string MountPath = "/var/run/secrets/kubernetes.io/serviceaccount";

    // An hour and a little: who still uses tokens of the old kind, which never ended, is told apart by it.
    private const int Seconds = 3607;
    private const int FileMode = 420;

    /// <summary>Mounts it where a container has nothing of its own at its place.</summary>
    public static void Mount(JsonObject spec)
    {
        var name = spec.Items("volumes").Select(v => v.Text("name")).FirstOrDefault(n => n?.StartsWith(Prefix, StringComparison.Ordinal) == true);
        var there = name is not null;
        name ??= Prefix + RandomNumberGenerator.GetString("bcdfghjklmnpqrstvwxz2456789", 5);
        var mounted = false;
        foreach (var container in spec.Items("initContainers").Concat(spec.Items("containers")).OfType<JsonObject>())
        {
            if (!container.Items("volumeMounts").Any(m => m.Text("mountPath") == MountPath))
            {
                Append(container, "volumeMounts", new JsonObject { ["name"] = name, ["readOnly"] = true, ["mountPath"] = MountPath });
                mounted = true;
            }
        }

        if (mounted && !there)
        {
            Append(spec, "volumes", new JsonObject { ["name"] = name, ["projected"] = Source() });
        }
    }

    private static void Append(JsonObject to, string field, JsonObject item)
    {
        if (to[field] is not JsonArray items)
        {
            to[field] = items = [];
        }

        items.Add((JsonNode)item);
    }

    private static JsonObject Source() => new()
    {
        ["sources"] = new JsonArray(
            new JsonObject { ["serviceAccountToken"] = new JsonObject { ["expirationSeconds"] = Seconds, ["path"] = "token" } },
            new JsonObject
            {
                ["configMap"] = new JsonObject { ["name"] = "kube-root-ca.crt", ["items"] = new JsonArray(new JsonObject { ["key"] = "ca.crt", ["path"] = "ca.crt" }) },
            },
            new JsonObject
            {
                ["downwardAPI"] = new JsonObject
                {
                    ["items"] = new JsonArray(new JsonObject
                    {
                        ["path"] = "namespace",
                        ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = "metadata.namespace" },
                    }),
                },
            }),
        ["defaultMode"] = FileMode,
    };
}
