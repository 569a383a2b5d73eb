using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeTemplater.Resources;

namespace KubeTemplater.Templating;

/// <summary>A place in an object, with what is to be ignored below it: the pointers of <c>ignoreFields</c> as a tree.</summary>
/// <remarks>
/// The pointers are written on the object itself, as an annotation: so what is owned of an object can be told from the object alone, also by another replica or after a
/// restart, and cannot be told by anybody from an object and a template that do not belong together. Whoever changes the annotation changes what we own.
/// </remarks>
internal sealed class IgnoredFields
{
    /// <summary>Annotation: a JSON list of pointers, whose indexes are replaced by what the manifest says of the items there.</summary>
    public const string Annotation = "kubetemplater.io/ignore-fields";

    // No name of Kubernetes' that an item of a list is known by is longer.
    private const int MostKeyLength = 253;

    private readonly Dictionary<string, IgnoredFields> _below = new(StringComparer.Ordinal);
    private List<(JsonElement Item, IgnoredFields Below)>? _items;

    /// <summary>Whether the place itself is ignored, with all that is in it.</summary>
    public bool IsEnd { get; private set; }

    /// <summary>Puts the pointers of an entry on the object that is to be applied.</summary>
    /// <param name="metadata">Metadata of the object.</param>
    /// <param name="entry">The entry that it is of.</param>
    public static void Mark(JsonObject metadata, TemplateEntry entry)
    {
        if (entry.IgnoreFields is { Count: > 0 } pointers)
        {
            if (metadata["annotations"] is not JsonObject annotations)
            {
                metadata["annotations"] = annotations = [];
            }

            var list = new JsonArray([.. pointers.Select(pointer => (JsonNode)Translate(pointer, entry.Object))]);
            annotations[Annotation] = list.ToJsonString(new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        }
        else if (metadata["annotations"] is JsonObject annotations)
        {
            annotations.Remove(Annotation);
        }
    }

    /// <summary>Reads them from a live object; null if it has none, or what is there is not ours.</summary>
    public static IgnoredFields? Read(JsonElement metadata)
    {
        if (!metadata.TryGetProperty("annotations"u8, out var annotations) || annotations.ValueKind != JsonValueKind.Object
            || !annotations.TryGetProperty(Annotation, out var text) || text.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return Of(JsonSerializer.Deserialize(text.GetString()!, ResourcesJson.Default.ListString) ?? []);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The place one step further.</summary>
    /// <param name="field">The step, as <c>fieldsV1</c> names it.</param>
    /// <returns>Null: nothing there, or below, is ignored.</returns>
    public IgnoredFields? At(string field)
    {
        if (field.StartsWith("f:", StringComparison.Ordinal) || field.StartsWith("v:", StringComparison.Ordinal))
        {
            return _below.GetValueOrDefault(field[2..]);
        }

        if (_items is null || !field.StartsWith("k:", StringComparison.Ordinal))
        {
            return null;
        }

        using var keys = JsonDocument.Parse(field.AsMemory(2));
        foreach (var (item, below) in _items)
        {
            // A key that the manifest does not give is one that the server filled in.
            if (keys.RootElement.EnumerateObject().All(key => !item.TryGetProperty(key.Name, out var value) || JsonElement.DeepEquals(value, key.Value)))
            {
                return below;
            }
        }

        return null;
    }

    private static IgnoredFields Of(List<string> pointers)
    {
        var root = new IgnoredFields();
        foreach (var pointer in pointers)
        {
            var place = root;
            foreach (var step in Steps(pointer))
            {
                place = place.Below(step);
            }

            place.IsEnd = true;
        }

        return root;
    }

    private IgnoredFields Below(string step)
    {
        if (!_below.TryGetValue(step, out var next))
        {
            _below[step] = next = new();
            if (step.StartsWith('{'))
            {
                (_items ??= []).Add((JsonElement.Parse(step), next));
            }
        }

        return next;
    }

    private static string Translate(string pointer, JsonElement manifest)
    {
        var result = new System.Text.StringBuilder();
        var place = manifest;
        foreach (var step in Steps(pointer))
        {
            var said = step;
            if (place.ValueKind == JsonValueKind.Array && int.TryParse(step, out var index) && index >= 0 && index < place.GetArrayLength())
            {
                place = place[index];
                said = Identity(place);
            }
            else
            {
                place = place.ValueKind == JsonValueKind.Object && place.TryGetProperty(step, out var member) ? member : default;
            }

            result.Append('/').Append(said.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
        }

        return result.ToString();
    }

    /// <summary>What an item of a list may be known by: which of it that is, the schema of the kind knows, and the server will say.</summary>
    private static string Identity(JsonElement item) => item.ValueKind != JsonValueKind.Object
        ? item.GetRawText()
        : new JsonObject(item.EnumerateObject()
            .Where(m => m.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array) && m.Value.GetRawText().Length <= MostKeyLength)
            .DistinctBy(m => m.Name)
            .Select(m => KeyValuePair.Create(m.Name, (JsonNode?)JsonValue.Create(m.Value)))).ToJsonString();

    private static IEnumerable<string> Steps(string pointer) =>
        pointer.Split('/').Skip(1).Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));
}
