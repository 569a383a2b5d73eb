using System.Text.Json.Nodes;

namespace Capstan.Webhooks;

/// <summary>A webhook that converts objects between versions of their kind.</summary>
/// <param name="Path">Path of the URL, beginning with a slash.</param>
/// <param name="Paths">What it can convert.</param>
internal sealed record ConversionWebhook(string Path, ConversionPaths Paths) : Webhook(Path)
{
    /// <summary>The object in another version, with the metadata that it came with but for labels and annotations.</summary>
    /// <exception cref="ConversionException">It cannot be converted, or the converted one would be another object.</exception>
    public DynamicObject Convert(DynamicObject value, string apiVersion)
    {
        var wanted = GroupVersionKind.Parse(apiVersion, value.Kind);
        if (wanted == value.GroupVersionKind)
        {
            return value;
        }

        var path = Paths.Find(value.GroupVersionKind, wanted) ?? throw new ConversionException($"there is no conversion from {value.ApiVersion} to {apiVersion}");
        return path.Aggregate(value, static (now, step) => DynamicObject.From(Restored(now.ToJson(), step.Convert(now), step.To)));
    }

    private static JsonObject Restored(JsonObject before, JsonObject after, GroupVersionKind kind)
    {
        var (came, made) = (before["metadata"] as JsonObject ?? [], after["metadata"] as JsonObject ?? []);
        foreach (var name in (ReadOnlySpan<string>)["name", "namespace", "uid"])
        {
            if (made[name] is { } now && !JsonNode.DeepEquals(now, came[name]))
            {
                throw new ConversionException($"metadata.{name} must not change from {came[name]?.ToJsonString() ?? "none"} to {now.ToJsonString()}");
            }
        }

        // One that says nothing of it at all means all of it.
        var isSaid = made.Any(static member => member.Value is not null);
        var metadata = came.DeepClone().AsObject();
        foreach (var name in isSaid ? (ReadOnlySpan<string>)["labels", "annotations"] : [])
        {
            metadata.Remove(name);
            if (made[name] is { } now)
            {
                metadata[name] = IsMap(now) ? now.DeepClone() : throw new ConversionException($"metadata.{name} must be a map of strings");
            }
        }

        after["apiVersion"] = kind.ApiVersion;
        after["kind"] = kind.Kind;
        after["metadata"] = metadata;
        return after;
    }

    private static bool IsMap(JsonNode node) => node is JsonObject map && map.All(static member => member.Value?.GetValueKind() == System.Text.Json.JsonValueKind.String);
}

/// <summary>An object cannot be converted, through no fault of the program.</summary>
internal sealed class ConversionException(string message) : Exception(message);
