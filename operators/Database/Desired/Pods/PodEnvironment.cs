using System.Text.Json.Nodes;
using Databases.Resources;

namespace Databases.Desired.Pods;

/// <summary>What the scripts of a pod know. Nothing of it is ever put into the text of a script.</summary>
internal static class PodEnvironment
{
    public static JsonArray Of(Database database, string dataDirectory, string socketDirectory) =>
    [
        Literal("PGDATA", dataDirectory),
        Literal("PGSOCKETS", socketDirectory),
        Literal("POSTGRES_DB", database.Spec.DatabaseName),
        Literal("POSTGRES_USER", "postgres"),
        SuperuserPassword("POSTGRES_PASSWORD", database),
        From("REPLICATION_PASSWORD", "secretKeyRef", ChildNames.Superuser(database), DatabaseSecrets.ReplicationKey),
        From("PRIMARY", "configMapKeyRef", ChildNames.PrimaryRecord(database), PrimaryRecord.Key),
        PrimaryAddressVariable(database),
        Field("POD_NAME", "metadata.name"),
        Field("POD_IP", "status.podIP"),
    ];

    /// <summary>Names the variable in which every pod gets the cluster IP of the primary's Service: an address needs no name server.</summary>
    public static JsonObject PrimaryAddressVariable(Database database) =>
        Literal("PRIMARY_ADDRESS_VARIABLE", $"{ChildNames.Primary(database).ToUpperInvariant().Replace('-', '_')}_SERVICE_HOST");

    public static JsonObject SuperuserPassword(string name, Database database) => From(name, "secretKeyRef", ChildNames.Superuser(database), DatabaseSecrets.SuperuserKey);

    public static JsonObject Literal(string name, string value) => new() { ["name"] = name, ["value"] = value.Replace("$", "$$", StringComparison.Ordinal) };

    private static JsonObject From(string name, string source, string objectName, string key) => new()
    {
        ["name"] = name,
        ["valueFrom"] = new JsonObject { [source] = new JsonObject { ["name"] = objectName, ["key"] = key } },
    };

    public static JsonObject Field(string name, string path) => new()
    {
        ["name"] = name,
        ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = path } },
    };
}
