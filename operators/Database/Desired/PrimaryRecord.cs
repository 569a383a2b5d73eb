using System.Text.Json.Nodes;
using Capstan;
using Databases.Resources;

namespace Databases.Desired;

/// <summary>The ConfigMap that says which pod is the primary. Each pod reads it when it starts: a record that outlives the operator, and every pod.</summary>
internal static class PrimaryRecord
{
    public const string Key = "primary";

    public static Child Of(Database database, string primary) => Child.Of(
        database, ChildKinds.ConfigMap, ChildNames.PrimaryRecord(database), new() { ["data"] = new JsonObject { [Key] = primary } });

    /// <summary>Who it says; null when it says nothing.</summary>
    public static string? Read(DynamicObject? record) => (string?)(record?.ToJson()["data"] as JsonObject)?[Key];
}
