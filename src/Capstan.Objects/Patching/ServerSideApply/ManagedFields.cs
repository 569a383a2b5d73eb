using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Patching;

/// <summary><c>metadata.managedFields</c> on writes that are no apply.</summary>
/// <remarks>Thread-safe; of its arguments only the written object is changed.</remarks>
public static class ManagedFields
{
    /// <summary>Sets managedFields of a created, replaced or patched object: the manager comes to own what it changed.</summary>
    /// <remarks>What the request itself has in managedFields counts first: <c>[]</c> or <c>[{}]</c> forgets all owners, other entries replace the stored
    /// ones (unless they are not valid, or it is a subresource). An object that has lost its owners is not tracked again until it is applied.</remarks>
    /// <param name="before">The stored object, in the version of the request; null on a create.</param>
    /// <param name="after">The object as requested.</param>
    /// <param name="schema">Schema of the kind; null when nothing is known of it.</param>
    /// <param name="request">Who writes; <see cref="ApplyRequest.Force"/> has no meaning here.</param>
    public static void TrackUpdate(JsonObject? before, JsonObject after, Schema? schema, ApplyRequest request)
    {
        var stored = before?["metadata"]?["managedFields"];
        var owners = OwnersFor(stored, after["metadata"]?["managedFields"], request.Subresource.Length > 0);
        (after["metadata"] as JsonObject)?.Remove("managedFields");
        if (owners.Fields.Count > 0 || before is null)
        {
            // A field that is null is also null in the empty object that Kubernetes compares a new one with.
            var start = before is null ? new JsonObject(after.Where(field => field.Value is null)) : stored is null ? before : Without(before);
            try
            {
                new FieldTracking(MergeType.OfObject(schema), request).Update(start, after, owners, request.Manager);
            }
            catch (ApplyTypeException)
            {
                // Ownership must not stand in the way of a write that is otherwise good.
                owners = new();
            }
        }

        Set(after, owners);
    }

    /// <summary>Gives an object its old times back when nothing but times of managedFields changed, so that a write that changes nothing can be skipped.
    /// To be called when all else (defaults, generation, system fields) stands.</summary>
    /// <param name="before">The stored object.</param>
    /// <param name="after">The object about to be stored; changed in place.</param>
    public static void KeepTimes(JsonObject before, JsonObject after)
    {
        if (before["metadata"]?["managedFields"] is not JsonArray olds || after["metadata"]?["managedFields"] is not JsonArray news) return;
        if (olds.Count != news.Count || JsonEquality.AreEqual(olds, news)) return;
        for (var i = 0; i < olds.Count; i++)
            if (olds[i] is not JsonObject a || news[i] is not JsonObject b || !AreEqualBut(a, b, "time")) return;
        if (!AreEqualBut(before, after, "metadata")) return;
        if (!AreEqualBut(before["metadata"]!.AsObject(), after["metadata"]!.AsObject(), "managedFields")) return;
        after["metadata"]!["managedFields"] = olds.DeepClone();
    }

    /// <summary>What is wrong with a record of managers; null when nothing is.</summary>
    /// <param name="managedFields">Value of <c>metadata.managedFields</c>; null when it is absent.</param>
    public static string? FaultOf(JsonNode? managedFields)
    {
        try
        {
            Owners.Read(managedFields);
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }

    /// <summary>A copy of the object without managedFields.</summary>
    internal static JsonObject Without(JsonObject value)
    {
        var copy = new JsonObject();
        foreach (var (name, field) in value)
        {
            if (name != "metadata" || field is not JsonObject metadata)
            {
                copy.Add(name, field?.DeepClone());
                continue;
            }

            var kept = new JsonObject();
            foreach (var (key, item) in metadata)
                if (key != "managedFields") kept.Add(key, item?.DeepClone());
            copy.Add(name, kept);
        }

        return copy;
    }

    internal static void Set(JsonObject value, Owners owners)
    {
        if (owners.Write() is { } entries)
        {
            if (value["metadata"] is not JsonObject metadata) value["metadata"] = metadata = [];
            metadata["managedFields"] = entries;
        }
        else
        {
            (value["metadata"] as JsonObject)?.Remove("managedFields");
        }
    }

    private static Owners OwnersFor(JsonNode? stored, JsonNode? requested, bool isSubresource)
    {
        if (!isSubresource)
        {
            if (requested is JsonArray { Count: 0 } or JsonArray { Count: 1 } && requested is JsonArray entries && entries.All(static e => e is null or JsonObject { Count: 0 }))
                return new();
            if (Read(requested) is { Fields.Count: > 0 } own) return own;
        }

        return Read(stored) ?? new();
    }

    private static Owners? Read(JsonNode? managedFields)
    {
        try
        {
            return Owners.Read(managedFields);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static bool AreEqualBut(JsonObject a, JsonObject b, string except)
    {
        foreach (var (name, value) in a)
            if (name != except && (!b.TryGetPropertyValue(name, out var other) || !JsonEquality.AreEqual(value, other))) return false;
        foreach (var (name, _) in b)
            if (name != except && !a.ContainsKey(name)) return false;
        return true;
    }
}
