using System.Text.Json.Nodes;

namespace Capstan.Patching;

/// <summary>JSON merge patch (RFC 7386), as Kubernetes applies it.</summary>
public static class MergePatch
{
    /// <summary>The patched copy of <paramref name="target"/>: objects merge, null removes, everything else replaces. Neither argument is changed.</summary>
    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        var result = target.DeepClone().AsObject();
        Merge(result, patch);
        return result;
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                target.Remove(name);
            }
            else if (target[name] is JsonObject existing)
            {
                if (value is JsonObject changes)
                {
                    Merge(existing, changes);
                }
                else
                {
                    // Kubernetes keeps nulls inside a list that replaces an object, and only there.
                    target[name] = value.DeepClone();
                }
            }
            else
            {
                target[name] = WithoutNullFields(value);
            }
        }
    }

    // Null says "remove" also for fields that were never there, at any depth, objects in lists included; null items of lists stay.
    private static JsonNode WithoutNullFields(JsonNode value)
    {
        switch (value)
        {
            case JsonObject fields:
                var kept = new JsonObject();
                foreach (var (name, field) in fields)
                {
                    if (field is not null)
                    {
                        kept.Add(name, WithoutNullFields(field));
                    }
                }

                return kept;
            case JsonArray items:
                var copies = new JsonArray();
                foreach (var item in items)
                {
                    copies.Add(item is null ? null : WithoutNullFields(item));
                }

                return copies;
            default:
                return value.DeepClone();
        }
    }
}
