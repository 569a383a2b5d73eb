using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Patching;

namespace Capstan.Webhooks;

/// <summary>Writes the answer to an AdmissionReview.</summary>
internal static class ReviewAnswer
{
    // An object may be deeper than the writer's default.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = ReviewSlices.MaxDepth, SkipValidation = true };

    /// <param name="into">Takes the JSON.</param>
    /// <param name="apiVersion">Group and version of the review, as JSON text with its quotes.</param>
    /// <param name="uid">The request's uid, as JSON text with its quotes; empty when none could be read.</param>
    /// <param name="result">The word.</param>
    /// <param name="patch">What is to change; null for nothing.</param>
    public static void Write(IBufferWriter<byte> into, ReadOnlySpan<byte> apiVersion, ReadOnlySpan<byte> uid, AdmissionResult result, JsonArray? patch)
    {
        using var writer = new Utf8JsonWriter(into, Options);
        writer.WriteStartObject();
        writer.WriteString("kind"u8, "AdmissionReview"u8);
        writer.WritePropertyName("apiVersion"u8);
        writer.WriteRawValue(apiVersion, skipInputValidation: true);
        writer.WriteStartObject("response"u8);
        writer.WritePropertyName("uid"u8);
        writer.WriteRawValue(uid.IsEmpty ? "\"\""u8 : uid, skipInputValidation: true);
        writer.WriteBoolean("allowed"u8, result.IsAllowed);
        if (result.Status is { } status)
        {
            writer.WritePropertyName("status"u8);
            JsonSerializer.Serialize(writer, status, ObjectsJson.Default.ApiStatus);
        }

        if (patch is { Count: > 0 })
        {
            writer.WriteString("patchType"u8, "JSONPatch"u8);
            WritePatch(writer, patch);
        }

        WriteExtras(writer, result);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>The operations that make the wanted object; null when it is the one that came.</summary>
    public static JsonArray? PatchOf(AdmissionRequest request, AdmissionResult result)
    {
        if (result.Change is not { } change || request.Object is not { } came)
        {
            return null;
        }

        var before = came.ToJson();
        return JsonPatchDiff.Of(before, change(before));
    }

    private static void WritePatch(Utf8JsonWriter writer, JsonArray patch)
    {
        var bytes = new ArrayBufferWriter<byte>(1024);
        using (var operations = new Utf8JsonWriter(bytes, Options))
        {
            patch.WriteTo(operations);
        }

        writer.WriteBase64String("patch"u8, bytes.WrittenSpan);
    }

    private static void WriteExtras(Utf8JsonWriter writer, AdmissionResult result)
    {
        if (result.Warnings.Count > 0)
        {
            writer.WriteStartArray("warnings"u8);
            foreach (var warning in result.Warnings)
            {
                writer.WriteStringValue(warning);
            }

            writer.WriteEndArray();
        }

        if (result.AuditAnnotations.Count > 0)
        {
            writer.WriteStartObject("auditAnnotations"u8);
            foreach (var (name, value) in result.AuditAnnotations)
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        }
    }
}
