using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Capstan.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Capstan.Webhooks;

/// <summary>From the body of a ConversionReview to that of its answer: all of its objects in the version that is wanted, in their order, or none of them and why.</summary>
internal sealed class ConversionJudge(WebhookInstruments instruments, ILogger logger)
{
    private const string V1 = "apiextensions.k8s.io/v1", V1Beta1 = "apiextensions.k8s.io/v1beta1";

    // The review, its objects, and what they hold.
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = ReviewSlices.MaxDepth };
    private static readonly JsonWriterOptions Written = new() { Encoder = JsonText.Encoder, MaxDepth = ReviewSlices.MaxDepth, SkipValidation = true };

    /// <summary>Answers that nothing could be read.</summary>
    public static void Refuse(string message, IBufferWriter<byte> answer) => Write(answer, V1, "", [], message);

    /// <param name="webhook">The webhook that was asked.</param>
    /// <param name="body">The ConversionReview.</param>
    /// <param name="answer">Takes the ConversionReview to send back.</param>
    /// <param name="cancellationToken">Cancelled when the API server has left.</param>
    public void Answer(ConversionWebhook webhook, ReadOnlyMemory<byte> body, IBufferWriter<byte> answer, CancellationToken cancellationToken)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Deep);
            var review = document.RootElement;
            var version = Text(review, "apiVersion");
            if (Text(review, "kind") != "ConversionReview" || version is not (V1 or V1Beta1))
            {
                Refuse($"the body is no ConversionReview of a version that is known here ({V1}, {V1Beta1})", answer);
                return;
            }

            var request = Member(review, "request");
            var (uid, wanted, objects) = (Text(request, "uid"), Text(request, "desiredAPIVersion"), Member(request, "objects"));
            if (uid is not { Length: > 0 } || wanted is not { Length: > 0 } || objects.ValueKind is not (JsonValueKind.Array or JsonValueKind.Null or JsonValueKind.Undefined))
            {
                Write(answer, version, uid ?? "", [], "the request has no uid, no desiredAPIVersion, or objects that are no list");
                return;
            }

            var (converted, fault) = Convert(webhook, objects, wanted, cancellationToken);
            Write(answer, version, uid, converted, fault);
        }
        catch (JsonException error)
        {
            Refuse($"the body is no ConversionReview: {error.Message}", answer);
        }
    }

    private (List<DynamicObject> Converted, string? Fault) Convert(ConversionWebhook webhook, JsonElement objects, string wanted, CancellationToken cancellationToken)
    {
        var converted = new List<DynamicObject>();
        var at = 0;
        foreach (var element in objects.ValueKind == JsonValueKind.Array ? objects.EnumerateArray() : default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var which = $"objects[{at++}]";
            try
            {
                var value = DynamicObject.CopyFrom(JsonMarshal.GetRawUtf8Value(element));
                which = value.ToString();
                converted.Add(webhook.Convert(value, wanted));
            }
            catch (Exception error) when (error is ConversionException or JsonException)
            {
                return ([], $"{which}: {error.Message}");
            }
            catch (Exception error)
            {
                // Whatever it is, it is this review's alone: the webhook goes on.
                instruments.ConversionPanicked();
                Log.ConversionPanicked(logger, webhook.Path, which, error);
                return ([], $"{which}: the webhook failed: {error.Message}");
            }
        }

        return (converted, null);
    }

    private static void Write(IBufferWriter<byte> into, string apiVersion, string uid, List<DynamicObject> converted, string? fault)
    {
        using var writer = new Utf8JsonWriter(into, Written);
        writer.WriteStartObject();
        writer.WriteString("kind"u8, "ConversionReview"u8);
        writer.WriteString("apiVersion"u8, apiVersion);
        writer.WriteStartObject("response"u8);
        writer.WriteString("uid"u8, uid);
        writer.WriteStartArray("convertedObjects"u8);
        foreach (var value in converted)
        {
            writer.WriteRawValue(value.Json.Span, skipInputValidation: true);
        }

        writer.WriteEndArray();
        writer.WriteStartObject("result"u8);
        writer.WriteString("status"u8, fault is null ? "Success"u8 : "Failure"u8);
        if (fault is not null)
        {
            writer.WriteString("message"u8, fault);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static JsonElement Member(JsonElement value, string name) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : default;

    private static string? Text(JsonElement value, string name) => Member(value, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
