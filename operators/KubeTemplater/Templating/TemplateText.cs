using System.Text.Json;
using Capstan;
using KubeTemplater.Resources;

namespace KubeTemplater.Templating;

/// <summary>Reads single facts of a template from its JSON, for those who ask at each change of each template: decoding all of it would cost more than the rest of what they do.</summary>
internal static class TemplateText
{
    // As deep as the client reads.
    private static readonly JsonReaderOptions _deep = new() { MaxDepth = 1024 };

    /// <summary><c>status.processingPhase</c>; null if there is none.</summary>
    public static string? PhaseOf(DynamicObject template)
    {
        var reader = new Utf8JsonReader(template.Json.Span, _deep);
        return Enter(ref reader, "status"u8) && Enter(ref reader, "processingPhase"u8) && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
    }

    /// <summary><c>status.observedGeneration</c>; null if there is none.</summary>
    public static long? ObservedGenerationOf(DynamicObject template)
    {
        var reader = new Utf8JsonReader(template.Json.Span, _deep);
        return Enter(ref reader, "status"u8) && Enter(ref reader, "observedGeneration"u8) && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var observed)
            ? observed
            : null;
    }

    /// <summary><c>spec.suspend</c>.</summary>
    public static bool IsSuspended(DynamicObject template)
    {
        var reader = new Utf8JsonReader(template.Json.Span, _deep);
        return Enter(ref reader, "spec"u8) && Enter(ref reader, "suspend"u8) && reader.TokenType == JsonTokenType.True;
    }

    /// <summary>What the status has on record of the template's objects.</summary>
    /// <exception cref="JsonException">A field has another type than it should.</exception>
    public static IReadOnlyList<ResourceStatus> RecordOf(DynamicObject template)
    {
        var reader = new Utf8JsonReader(template.Json.Span, _deep);
        return Enter(ref reader, "status"u8) && Enter(ref reader, "resources"u8) && reader.TokenType == JsonTokenType.StartArray
            ? JsonSerializer.Deserialize(ref reader, ResourcesJson.Default.ListResourceStatus) ?? []
            : [];
    }

    /// <summary>The objects that the spec names: what <see cref="Manifest.ReadAll"/> finds.</summary>
    public static IReadOnlyList<(GroupVersionKind Kind, ObjectKey Key)> ObjectsOf(DynamicObject template)
    {
        var result = new List<(GroupVersionKind, ObjectKey)>();
        var reader = new Utf8JsonReader(template.Json.Span, _deep);
        if (!Enter(ref reader, "spec"u8) || !Enter(ref reader, "templates"u8) || reader.TokenType != JsonTokenType.StartArray)
        {
            return result;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var entry = reader;
            if (Enter(ref entry, "object"u8) && Read(entry, template.Key.Namespace) is { } found)
            {
                result.Add(found);
            }

            reader.Skip();
        }

        return result;
    }

    private static (GroupVersionKind Kind, ObjectKey Key)? Read(Utf8JsonReader whole, string templateNamespace)
    {
        var metadata = whole;
        return Text(whole, "apiVersion"u8) is { } apiVersion && Text(whole, "kind"u8) is { } kind && Enter(ref metadata, "metadata"u8) && Text(metadata, "name"u8) is { } name
            ? (GroupVersionKind.Parse(apiVersion, kind), new(Text(metadata, "namespace"u8) ?? templateNamespace, name))
            : null;
    }

    private static string? Text(Utf8JsonReader reader, ReadOnlySpan<byte> field) =>
        Enter(ref reader, field) && reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: > 0 } text ? text : null;

    /// <summary>Moves the reader to the value of a field of the object that it is at.</summary>
    private static bool Enter(ref Utf8JsonReader reader, ReadOnlySpan<byte> field)
    {
        if (reader.TokenType == JsonTokenType.None)
        {
            reader.Read();
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(field);
            reader.Read();
            if (isIt)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }
}
