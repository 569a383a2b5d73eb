using System.Text.Json.Nodes;
using Capstan;
using KubeTemplater.Applying;

namespace KubeTemplater.Templating;

/// <summary>Lets go of the fields that an entry leaves to others (<c>ignoreFields</c>).</summary>
/// <remarks>
/// A manager that names a field no more has it removed, or set to its default, if nobody else owns it. So before a field is left out of an apply, it is taken off our list
/// in the object's managedFields: then it is nobody's, keeps its value, and whoever wants it gets it without a conflict.
/// </remarks>
internal static class FieldRelease
{
    /// <summary>What is wrong with a pointer; null if nothing.</summary>
    public static string? FaultOf(string pointer)
    {
        if (!pointer.StartsWith('/'))
        {
            return $"ignoreFields: {pointer} is no JSON pointer: it must begin with /";
        }

        var steps = Steps(pointer);
        var isOurs = steps is ["metadata", "labels", Tracking.NameLabel or Tracking.NamespaceLabel, ..];
        return steps is ["apiVersion" or "kind", ..] or ["metadata"] or ["metadata", not ("labels" or "annotations"), ..] or ["metadata", _] || isOurs
            ? $"ignoreFields: {pointer} cannot be left to others"
            : null;
    }

    /// <summary>Takes the fields out of an object that is to be applied.</summary>
    public static void RemoveFrom(JsonObject wanted, IReadOnlyList<string> pointers)
    {
        // All are found before one is taken out: an item of a list has another index once one before it is gone.
        var found = new HashSet<JsonNode>(ReferenceEqualityComparer.Instance);
        var nulls = new List<(JsonObject Parent, string Name)>();
        foreach (var steps in pointers.Select(Steps))
        {
            var parent = steps[..^1].Aggregate((JsonNode?)wanted, Below);
            if (Below(parent, steps[^1]) is { } node)
            {
                found.Add(node);
            }
            else if (parent is JsonObject holder)
            {
                nulls.Add((holder, steps[^1]));
            }
        }

        nulls.ForEach(one => one.Parent.Remove(one.Name));
        foreach (var node in found)
        {
            if (node.Parent is JsonArray items)
            {
                items.Remove(node);
            }
            else if (node.Parent is JsonObject parent)
            {
                parent.Remove(node.GetPropertyName());
            }
        }
    }

    /// <summary>A JSON patch, bound to the object's version, by which the operator owns the fields no more; null if it owns none of them.</summary>
    /// <param name="live">The object as the server sent it.</param>
    /// <param name="wanted">What is applied in full: it tells which items of lists the indexes mean.</param>
    /// <param name="pointers">The fields.</param>
    public static ReadOnlyMemory<byte>? PatchOf(DynamicObject live, JsonObject wanted, IReadOnlyList<string> pointers)
    {
        if (live.ToJson()["metadata"]?["managedFields"] is not JsonArray managed)
        {
            return null;
        }

        var own = managed.OfType<JsonObject>().FirstOrDefault(entry =>
            (string?)entry["manager"] == ObjectApplier.FieldManager && (string?)entry["operation"] == "Apply" && string.IsNullOrEmpty((string?)entry["subresource"]));
        if (own?["fieldsV1"] is not JsonObject fields || pointers.Count(pointer => Remove(fields, wanted, Steps(pointer))) == 0)
        {
            return null;
        }

        return System.Text.Encoding.UTF8.GetBytes(new JsonArray(
            new JsonObject { ["op"] = "replace", ["path"] = "/metadata/managedFields", ["value"] = managed.DeepClone() },
            new JsonObject { ["op"] = "replace", ["path"] = "/metadata/resourceVersion", ["value"] = live.ResourceVersion }).ToJsonString());
    }

    /// <summary>Removes a path from a set; a set that is empty then goes with it, since an empty one means the place itself.</summary>
    private static bool Remove(JsonObject set, JsonNode? value, ReadOnlySpan<string> steps)
    {
        if (Member(set, value, steps[0]) is not { } name)
        {
            return false;
        }

        if (steps.Length > 1)
        {
            if (set[name] is not JsonObject below || !Remove(below, Below(value, steps[0]), steps[1..]))
            {
                return false;
            }

            if (below.Count > 0)
            {
                return true;
            }
        }

        return set.Remove(name);
    }

    /// <summary>How the set names a step: a field, or an item by its keys, its value or its place.</summary>
    private static string? Member(JsonObject set, JsonNode? value, string step)
    {
        if (value is not JsonArray)
        {
            return set.ContainsKey($"f:{step}") ? $"f:{step}" : null;
        }

        if (Below(value, step) is not { } item)
        {
            return null;
        }

        foreach (var (name, _) in set)
        {
            if (name.StartsWith("k:", StringComparison.Ordinal) && item is JsonObject known && JsonNode.Parse(name[2..]) is JsonObject keys
                && keys.All(key => !known.ContainsKey(key.Key) || JsonNode.DeepEquals(known[key.Key], key.Value)))
            {
                return name;
            }

            if (name.StartsWith("v:", StringComparison.Ordinal) && JsonNode.DeepEquals(JsonNode.Parse(name[2..]), item))
            {
                return name;
            }
        }

        return set.ContainsKey($"i:{step}") ? $"i:{step}" : null;
    }

    private static JsonNode? Below(JsonNode? parent, string step) => parent switch
    {
        JsonObject members => members[step],
        JsonArray items when int.TryParse(step, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var index) && index < items.Count => items[index],
        _ => null,
    };

    private static string[] Steps(string pointer) =>
        [.. pointer.Split('/').Skip(1).Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
}
