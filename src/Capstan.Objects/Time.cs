using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Capstan;

/// <summary>Kubernetes' two time formats: <c>Time</c> in whole seconds and <c>MicroTime</c> with exactly six digits, both UTC.</summary>
/// <remarks>Reading accepts RFC 3339 with any offset and any number of fractional digits (those beyond 100 ns are cut).</remarks>
public static class KubeTime
{
    /// <summary>Writes as <c>2026-01-02T03:04:05Z</c>; fractions of a second are cut.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Writes as <c>2026-01-02T03:04:05.678901Z</c>.</summary>
    public static string FormatMicro(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Cuts fractions of a second, so that what is compared equals what was written.</summary>
    public static DateTimeOffset Truncate(DateTimeOffset time) => new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerSecond, TimeSpan.Zero);

    /// <summary>Reads either format.</summary>
    public static bool TryParse(string? text, out DateTimeOffset time)
    {
        time = default;
        if (text is null || text.Length < 20 || text[10] is not ('T' or 't'))
        {
            return false;
        }

        // .NET reads at most seven fractional digits; RFC 3339 allows any number.
        var end = 19;
        if (text[end] == '.')
        {
            end++;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
            {
                end++;
            }
        }

        if (end > 27)
        {
            text = string.Concat(text.AsSpan(0, 27), text.AsSpan(end));
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }
}

/// <summary>Writes a <c>Time</c> (whole seconds).</summary>
public sealed class TimeConverter : JsonConverter<DateTimeOffset>
{
    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        KubeTime.TryParse(reader.GetString(), out var time) ? time : throw new JsonException($"'{reader.GetString()}' is not an RFC 3339 time");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(KubeTime.Format(value));
}

/// <summary>Writes a <c>MicroTime</c> (six fractional digits).</summary>
public sealed class MicroTimeConverter : JsonConverter<DateTimeOffset>
{
    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        KubeTime.TryParse(reader.GetString(), out var time) ? time : throw new JsonException($"'{reader.GetString()}' is not an RFC 3339 time");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(KubeTime.FormatMicro(value));
}
