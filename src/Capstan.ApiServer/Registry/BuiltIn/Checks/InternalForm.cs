using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Text of a value in a message: Kubernetes shows structures as its internal types are written, with all their fields, under their names in Go.</summary>
/// <remarks>
/// internal.txt has a line for each structure, read off Kubernetes' types: its name, then its fields in their order. <c>Name=field:zero</c> is shown as
/// <c>Name</c>, and as <c>zero</c> when the field is absent (no field: version 1 has it elsewhere or nowhere); <c>field?</c> is shown under its own name, if it is there;
/// <c>field:zero</c> under its own name, always; <c>&amp;</c> stands for the fields of the metadata.
/// </remarks>
internal static class InternalForm
{
    private const string Prefix = "io.k8s.";

    // Fields of a pod's spec that Go keeps in its security context.
    private static readonly Dictionary<string, string> OfPod = new()
    {
        ["HostNetwork"] = "hostNetwork", ["HostPID"] = "hostPID", ["HostIPC"] = "hostIPC", ["ShareProcessNamespace"] = "shareProcessNamespace", ["HostUsers"] = "hostUsers",
    };

    private static readonly Lazy<Dictionary<string, Field[]>> Types = new(Read);
    private static readonly JsonWriterOptions Indented = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true, IndentSize = 1, NewLine = "\n" };
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text.</summary>
    public static string Of(JsonNode? value, Schema? schema)
    {
        if (schema is null || value is not (JsonObject or JsonArray))
        {
            return GoFormat.Value(value);
        }

        return Text(value, schema, Options);
    }

    /// <summary>How a structure changed, line by line; nothing where its type is not known.</summary>
    public static string Difference(JsonNode before, JsonNode after, Schema? schema) =>
        schema is null ? "" : UnifiedDiff.Of(Text(before, schema, Indented).Split('\n'), Text(after, schema, Indented).Split('\n'));

    private static string Text(JsonNode value, Schema schema, JsonWriterOptions options)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, options))
        {
            Write(value, schema, null, writer);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length)
            .Replace("<", "\\u003c", StringComparison.Ordinal).Replace(">", "\\u003e", StringComparison.Ordinal).Replace("&", "\\u0026", StringComparison.Ordinal);
    }

    private static Dictionary<string, Field[]> Read()
    {
        using var stream = typeof(InternalForm).Assembly.GetManifestResourceStream("Capstan.ApiServer.internal.txt")
            ?? throw new InvalidOperationException("the table internal.txt is not part of this build");
        using var reader = new StreamReader(stream);
        var types = new Dictionary<string, Field[]>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            var words = line.Split(' ');
            types[Prefix + words[0]] = [.. words.Skip(1).Select(Parse)];
        }

        return types;
    }

    private static Field Parse(string word)
    {
        var (shown, rest) = word.Split('=', 2) is [var name, var value] ? (name, value) : (null, word);
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        var field = colon < 0 ? rest.TrimEnd('?') : rest[..colon];
        return new(shown ?? field, field, colon < 0 ? null : rest[(colon + 1)..]);
    }

    private static void Write(JsonNode? value, Schema schema, JsonObject? parent, Utf8JsonWriter writer)
    {
        switch (value)
        {
            case JsonObject obj when schema.TypeName is { } type && Types.Value.TryGetValue(type, out var fields):
                writer.WriteStartObject();
                WriteFields(obj, fields, schema, parent, writer);
                writer.WriteEndObject();
                break;
            case JsonObject map:
                writer.WriteStartObject();
                foreach (var (key, entry) in map.OrderBy(e => e.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(key);
                    Write(entry, schema.AdditionalProperties ?? new Schema(), null, writer);
                }

                writer.WriteEndObject();
                break;
            case JsonArray items:
                writer.WriteStartArray();
                foreach (var item in items)
                {
                    Write(item, schema.Items ?? new Schema(), null, writer);
                }

                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static void WriteFields(JsonObject obj, Field[] fields, Schema schema, JsonObject? parent, Utf8JsonWriter writer)
    {
        foreach (var field in fields)
        {
            if (field.Name == "&")
            {
                if (obj["metadata"] is JsonObject metadata && schema.Field("metadata") is { TypeName: { } type } inner && Types.Value.TryGetValue(type, out var inlined))
                {
                    WriteFields(metadata, inlined, inner, null, writer);
                }

                continue;
            }

            var value = field.Name.Length > 0 ? obj[field.Name] : OfPod.TryGetValue(field.Shown, out var name) ? parent?[name] : null;
            if (value is null && field.Zero is null)
            {
                continue;
            }

            writer.WritePropertyName(field.Shown);
            if (schema.Field(field.Name) is { } fieldSchema && (value is not null || field.Zero == "{}"))
            {
                Write(value ?? new JsonObject(), fieldSchema, obj, writer);
            }
            else if (value is not null)
            {
                value.WriteTo(writer);
            }
            else
            {
                writer.WriteRawValue(field.Zero!);
            }
        }
    }

    /// <summary>A field as it is shown, as version 1 names it, and its text when it is absent: null leaves it out.</summary>
    private sealed record Field(string Shown, string Name, string? Zero);
}
