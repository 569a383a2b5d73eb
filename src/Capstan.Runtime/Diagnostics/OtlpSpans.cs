using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Capstan.Diagnostics;

/// <summary>Spans as an ExportTraceServiceRequest of the OpenTelemetry protocol, in its JSON form.</summary>
internal static class OtlpSpans
{
    public static byte[] Write(string serviceName, IReadOnlyList<Activity> spans)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("resourceSpans"u8);
            writer.WriteStartObject();
            writer.WriteStartObject("resource"u8);
            writer.WriteStartArray("attributes"u8);
            WriteAttribute(writer, "service.name", serviceName);
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteStartArray("scopeSpans"u8);
            writer.WriteStartObject();
            writer.WriteStartObject("scope"u8);
            writer.WriteString("name"u8, Tracing.SourceName);
            writer.WriteEndObject();
            writer.WriteStartArray("spans"u8);
            foreach (var span in spans)
            {
                WriteSpan(writer, span);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void WriteSpan(Utf8JsonWriter writer, Activity span)
    {
        writer.WriteStartObject();
        writer.WriteString("traceId"u8, span.TraceId.ToHexString());
        writer.WriteString("spanId"u8, span.SpanId.ToHexString());
        if (span.ParentSpanId != default)
        {
            writer.WriteString("parentSpanId"u8, span.ParentSpanId.ToHexString());
        }

        writer.WriteString("name"u8, span.DisplayName);
        writer.WriteNumber("kind"u8, (int)span.Kind + 1);
        writer.WriteString("startTimeUnixNano"u8, Nanoseconds(span.StartTimeUtc));
        writer.WriteString("endTimeUnixNano"u8, Nanoseconds(span.StartTimeUtc + span.Duration));
        writer.WriteStartArray("attributes"u8);
        foreach (var (name, value) in span.EnumerateTagObjects())
        {
            WriteAttribute(writer, name, value);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("links"u8);
        foreach (ref readonly var link in span.EnumerateLinks())
        {
            writer.WriteStartObject();
            writer.WriteString("traceId"u8, link.Context.TraceId.ToHexString());
            writer.WriteString("spanId"u8, link.Context.SpanId.ToHexString());
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("status"u8);
        if (span.Status != ActivityStatusCode.Unset)
        {
            writer.WriteNumber("code"u8, (int)span.Status);
            writer.WriteString("message"u8, span.StatusDescription ?? "");
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteAttribute(Utf8JsonWriter writer, string name, object? value)
    {
        writer.WriteStartObject();
        writer.WriteString("key"u8, name);
        writer.WriteStartObject("value"u8);
        switch (value)
        {
            // 64-bit integers are texts in this form, as a JSON number may lose some of theirs.
            case int or long:
                writer.WriteString("intValue"u8, Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
            case bool flag:
                writer.WriteBoolean("boolValue"u8, flag);
                break;
            default:
                writer.WriteString("stringValue"u8, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
                break;
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static string Nanoseconds(DateTime time) => ((time - DateTime.UnixEpoch).Ticks * 100).ToString(CultureInfo.InvariantCulture);
}
