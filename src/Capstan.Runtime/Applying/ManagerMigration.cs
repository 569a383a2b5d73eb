using System.Text.Json.Nodes;

namespace Capstan.Applying;

/// <summary>Rewrites managedFields so that what managers set by updates belongs to one that applies.</summary>
internal static class ManagerMigration
{
    /// <summary>A JSON patch bound to the object's version; null if there is nothing to change.</summary>
    public static ReadOnlyMemory<byte>? PatchOf(DynamicObject live, string applier, IReadOnlyCollection<string> formerManagers)
    {
        var metadata = live.ToJson()["metadata"]!.AsObject();
        if (metadata["managedFields"] is not JsonArray entries)
        {
            return null;
        }

        var former = entries.OfType<JsonObject>().Where(entry => IsOf(entry, "Update") && formerManagers.Contains((string?)entry["manager"])).ToList();
        if (former.Count == 0)
        {
            return null;
        }

        var own = entries.OfType<JsonObject>().FirstOrDefault(entry => IsOf(entry, "Apply") && (string?)entry["manager"] == applier);
        if (own is null)
        {
            // The latest of them: its version is the likeliest to be that of the next apply.
            own = former.MaxBy(entry => (string?)entry["time"] ?? "", StringComparer.Ordinal)!;
            former.Remove(own);
            own["manager"] = applier;
            own["operation"] = "Apply";
        }

        foreach (var entry in former)
        {
            // Paths of another version may mean other fields; those are let go, and the next apply names what is wanted.
            if ((string?)entry["apiVersion"] == (string?)own["apiVersion"] && entry["fieldsV1"] is JsonObject fields)
            {
                own["fieldsV1"] = own["fieldsV1"] is JsonObject known ? Union(known, fields) : fields.DeepClone();
            }

            entries.Remove(entry);
        }

        return JsonBytes.Of(new JsonArray(
            new JsonObject { ["op"] = "replace", ["path"] = "/metadata/managedFields", ["value"] = entries.DeepClone() },
            new JsonObject { ["op"] = "replace", ["path"] = "/metadata/resourceVersion", ["value"] = live.ResourceVersion }));
    }

    /// <summary>What belongs to subresources stays with who wrote them.</summary>
    private static bool IsOf(JsonObject entry, string operation) => (string?)entry["operation"] == operation && string.IsNullOrEmpty((string?)entry["subresource"]);

    /// <summary>Both sets of paths: a set is an object whose members are steps, and each step leads to a set.</summary>
    private static JsonObject Union(JsonObject left, JsonObject right)
    {
        var both = left.DeepClone().AsObject();
        foreach (var (step, below) in right)
        {
            both[step] = both[step] is JsonObject known && below is JsonObject more ? Union(known, more) : below?.DeepClone();
        }

        return both;
    }
}
