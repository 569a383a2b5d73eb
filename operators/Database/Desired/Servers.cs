using System.Text.Json.Nodes;
using Capstan;
using Databases.Desired.Pods;
using Databases.Resources;

namespace Databases.Desired;

/// <summary>The StatefulSet: as many servers as are wanted, each with a volume of its own that outlives it.</summary>
internal static class Servers
{
    /// <param name="database">Whose.</param>
    /// <param name="replicas">Pods.</param>
    /// <param name="image">What they run.</param>
    public static Child Of(Database database, int replicas, string image) => Child.Of(database, ChildKinds.StatefulSet, database.Metadata.Name!, new()
    {
        ["spec"] = new JsonObject
        {
            ["replicas"] = replicas,
            ["serviceName"] = ChildNames.Headless(database),

            // All at once: the primary need not be the first, and the others wait for it by themselves.
            ["podManagementPolicy"] = "Parallel",
            ["selector"] = new JsonObject { ["matchLabels"] = Child.Selector(database) },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = Child.Labels(database) },
                ["spec"] = PostgresPod.Of(database, image),
            },
            ["volumeClaimTemplates"] = new JsonArray(VolumeClaim(database)),
        },
    });

    /// <summary>Amount of a claim template's storage; null when it has none.</summary>
    public static Quantity? SizeOf(DynamicObject statefulSet) =>
        Quantity.TryParse((string?)statefulSet.ToJson()["spec"]?["volumeClaimTemplates"]?[0]?["spec"]?["resources"]?["requests"]?["storage"], out var size, out _) ? size : null;

    private static JsonObject VolumeClaim(Database database)
    {
        var storage = database.Spec.Storage;
        var spec = new JsonObject
        {
            ["accessModes"] = new JsonArray("ReadWriteOnce"),
            ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = Quantity.Parse(storage.Size).ToString() } },
        };
        if (!string.IsNullOrEmpty(storage.StorageClass))
        {
            spec["storageClassName"] = storage.StorageClass;
        }

        return new() { ["metadata"] = new JsonObject { ["name"] = PostgresPod.DataVolume, ["labels"] = Child.Labels(database) }, ["spec"] = spec };
    }
}
