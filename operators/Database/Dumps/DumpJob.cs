using System.Text.Json.Nodes;
using Databases.Desired;
using Databases.Desired.Pods;
using Databases.Resources;

namespace Databases.Dumps;

/// <summary>The Job that copies a database to a volume or restores it from there: one container of the Database's own image, so that programs and server are of one version.</summary>
internal static class DumpJob
{
    /// <summary>Exit code of a script that another try would not help.</summary>
    private const int Hopeless = 3;

    private const int Retries = 2;
    private const int DeadlineSeconds = 12 * 60 * 60;
    private const string Container = "dump";

    /// <param name="database">The server.</param>
    /// <param name="script">What the container runs; nothing is ever put into its text.</param>
    /// <param name="variables">What the script knows, beside the way to the server.</param>
    /// <param name="claim">Volume of the copies.</param>
    /// <param name="labels">Of the pods.</param>
    public static JsonObject Spec(Database database, string script, IEnumerable<JsonObject> variables, string claim, JsonObject labels) => new()
    {
        ["backoffLimit"] = Retries,
        ["activeDeadlineSeconds"] = DeadlineSeconds,
        ["podFailurePolicy"] = new JsonObject
        {
            ["rules"] = new JsonArray(
                new JsonObject
                {
                    ["action"] = "FailJob",
                    ["onExitCodes"] = new JsonObject { ["containerName"] = Container, ["operator"] = "In", ["values"] = new JsonArray(Hopeless) },
                },
                new JsonObject { ["action"] = "Ignore", ["onPodConditions"] = new JsonArray(new JsonObject { ["type"] = "DisruptionTarget", ["status"] = "True" }) }),
        },
        ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels }, ["spec"] = Pod(database, script, variables, claim) },
    };

    private static JsonObject Pod(Database database, string script, IEnumerable<JsonObject> variables, string claim)
    {
        var user = PostgresImage.Parse(database.Spec.Image).UserId;
        return new()
        {
            ["restartPolicy"] = "Never",
            ["automountServiceAccountToken"] = false,

            // The address of the primary comes by a variable of its Service.
            ["enableServiceLinks"] = true,
            ["securityContext"] = new JsonObject
            {
                ["runAsNonRoot"] = true,
                ["runAsUser"] = user,
                ["runAsGroup"] = user,
                ["fsGroup"] = user,
                ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
            },
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = Container,
                ["image"] = database.Spec.Image,
                ["command"] = new JsonArray("sh", "-c", script),
                ["env"] = new JsonArray([.. Connection(database), .. variables]),

                // A script that fails has said why in its log.
                ["terminationMessagePolicy"] = "FallbackToLogsOnError",
                ["volumeMounts"] = new JsonArray(Mount("backups", DumpNames.Mount), Mount("temporary", "/tmp")),
                ["securityContext"] = new JsonObject
                {
                    ["allowPrivilegeEscalation"] = false,
                    ["readOnlyRootFilesystem"] = true,
                    ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
                },
            }),
            ["volumes"] = new JsonArray(
                new JsonObject { ["name"] = "backups", ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = claim } },
                new JsonObject { ["name"] = "temporary", ["emptyDir"] = new JsonObject() }),
        };
    }

    /// <summary>As the superuser: an application's role may not read all that a database can hold.</summary>
    private static IEnumerable<JsonObject> Connection(Database database) =>
    [
        PodEnvironment.PrimaryAddressVariable(database),
        PodEnvironment.Literal("PGUSER", "postgres"),
        PodEnvironment.SuperuserPassword("PGPASSWORD", database),
    ];

    private static JsonObject Mount(string volume, string path) => new() { ["name"] = volume, ["mountPath"] = path };
}
