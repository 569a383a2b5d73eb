using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.ApiServer.Storage;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>What changed in a spec, as messages show it: the lines that differ, with three around them, of both written over many lines under the names that Go has for the fields.</summary>
internal static class SpecDifference
{
    private static readonly JsonWriterOptions Options = ObjectJson.Indented with { IndentSize = 1 };

    /// <summary>Whether nothing changed.</summary>
    public static bool Same(JsonObject now, JsonObject? before) => JsonNode.DeepEquals(now, before);

    /// <summary>The changes from one spec of a pod to another.</summary>
    public static string Of(JsonNode before, JsonNode now, Schema? schema = null) =>
        UnifiedDiff.Of(Lines(before, schema ?? PodValidation.PodSchema.Field("spec")), Lines(now, schema ?? PodValidation.PodSchema.Field("spec")));

    private static string[] Lines(JsonNode value, Schema? schema)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Options))
        {
            JsonNode.Parse(InternalForm.Of(value, schema))!.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length)
            .Replace("<", "\\u003c", StringComparison.Ordinal).Replace(">", "\\u003e", StringComparison.Ordinal).Replace("&", "\\u0026", StringComparison.Ordinal).Split('\n');
    }
}
