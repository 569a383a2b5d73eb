using System.Text.Json.Nodes;
using Databases.Resources;

namespace Databases.Desired.Pods;

/// <summary>The pod of one server. All pods of a Database are of one template: which of them is the primary they learn from the record when they start.</summary>
internal static class PostgresPod
{
    public const string Container = "postgres";
    public const string DataVolume = "data";

    private const string DataMount = "/var/lib/postgresql/data";
    private const string SocketsMount = "/var/run/postgresql";
    private const string TemporaryMount = "/tmp";

    /// <summary>Time for a fast shutdown: the primary waits for its standbys to have everything.</summary>
    private const int GraceSeconds = 60;

    public static JsonObject Of(Database database, string image)
    {
        var user = PostgresImage.Parse(image).UserId;
        return new()
        {
            ["terminationGracePeriodSeconds"] = GraceSeconds,
            ["securityContext"] = new JsonObject
            {
                ["runAsNonRoot"] = true,
                ["runAsUser"] = user,
                ["runAsGroup"] = user,
                ["fsGroup"] = user,
                ["fsGroupChangePolicy"] = "OnRootMismatch",
                ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
            },
            ["affinity"] = OnNodesOfTheirOwn(database),
            ["initContainers"] = new JsonArray(Of("prepare", image, PodScripts.Prepare, database)),
            ["containers"] = new JsonArray(Server(database, image)),
            ["volumes"] = new JsonArray(
                new JsonObject { ["name"] = "sockets", ["emptyDir"] = new JsonObject() },
                new JsonObject { ["name"] = "temporary", ["emptyDir"] = new JsonObject() }),
        };
    }

    private static JsonObject Server(Database database, string image)
    {
        var container = Of(Container, image, PodScripts.Run, database);
        container["ports"] = new JsonArray(new JsonObject { ["name"] = "postgres", ["containerPort"] = ChildNames.Port, ["protocol"] = "TCP" });

        // Starting may take long, after a crash or a clone; only then does the liveness probe begin.
        container["startupProbe"] = Probe(PodScripts.IsAlive, periodSeconds: 1, failures: 3600);
        container["livenessProbe"] = Probe(PodScripts.IsAlive, periodSeconds: 10, failures: 6);
        container["readinessProbe"] = Probe(PodScripts.TakesConnections, periodSeconds: 5, failures: 3);
        return container;
    }

    private static JsonObject Of(string name, string image, string script, Database database)
    {
        var container = new JsonObject
        {
            ["name"] = name,
            ["image"] = image,
            ["command"] = new JsonArray("sh", "-c", script),
            ["env"] = PodEnvironment.Of(database, $"{DataMount}/pgdata", SocketsMount),
            ["volumeMounts"] = new JsonArray(Mount(DataVolume, DataMount), Mount("sockets", SocketsMount), Mount("temporary", TemporaryMount)),
            ["securityContext"] = new JsonObject
            {
                ["allowPrivilegeEscalation"] = false,
                ["readOnlyRootFilesystem"] = true,
                ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
            },
        };
        if (Needs(database.Spec.Resources) is { } resources)
        {
            container["resources"] = resources;
        }

        return container;
    }

    private static JsonObject Mount(string volume, string path) => new() { ["name"] = volume, ["mountPath"] = path };

    private static JsonObject Probe(string script, int periodSeconds, int failures) => new()
    {
        ["exec"] = new JsonObject { ["command"] = new JsonArray("sh", "-c", script) },
        ["periodSeconds"] = periodSeconds,
        ["timeoutSeconds"] = 5,
        ["failureThreshold"] = failures,
    };

    private static JsonObject? Needs(ResourceNeeds? needs)
    {
        var result = new JsonObject();
        foreach (var (name, amounts) in (ReadOnlySpan<(string, Dictionary<string, Capstan.Quantity>?)>)[("limits", needs?.Limits), ("requests", needs?.Requests)])
        {
            if (amounts is { Count: > 0 })
            {
                result[name] = new JsonObject(amounts.Select(one => KeyValuePair.Create(one.Key, (JsonNode?)one.Value.ToString())));
            }
        }

        return result.Count > 0 ? result : null;
    }

    private static JsonObject OnNodesOfTheirOwn(Database database) => new()
    {
        ["podAntiAffinity"] = new JsonObject
        {
            ["preferredDuringSchedulingIgnoredDuringExecution"] = new JsonArray(new JsonObject
            {
                ["weight"] = 100,
                ["podAffinityTerm"] = new JsonObject
                {
                    ["topologyKey"] = "kubernetes.io/hostname",
                    ["labelSelector"] = new JsonObject { ["matchLabels"] = Child.Selector(database) },
                },
            }),
        },
    };
}
