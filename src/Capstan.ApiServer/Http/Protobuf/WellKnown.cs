using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Http.Protobuf;

/// <summary>Messages that JSON writes as one value: times, quantities, numbers that may be names, and JSON itself.</summary>
internal static class WellKnown
{
    /// <summary>The value; null when it is the zero that JSON leaves out.</summary>
    /// <exception cref="FormatException">The bytes are no such message.</exception>
    public static JsonNode? Read(string type, ReadOnlySpan<byte> bytes)
    {
        var (first, second, text) = Fields(bytes);
        return type switch
        {
            "Time" => Time(first, second) is { } time ? JsonValue.Create(KubeTime.Format(time)) : null,
            "MicroTime" => Time(first, second) is { } time ? JsonValue.Create(KubeTime.FormatMicro(time)) : null,
            "Quantity" => JsonValue.Create(Encoding.UTF8.GetString(text)),
            "IntOrString" => first == 0 ? JsonValue.Create(second) : JsonValue.Create(Encoding.UTF8.GetString(text)),
            "Duration" => JsonValue.Create(Duration(first)),
            "Raw" => Raw(text),
            _ => throw new FormatException($"{type} is not a type of messages.txt"),
        };
    }

    /// <summary>The message of a value.</summary>
    public static ProtobufMessage Write(string type, JsonNode value)
    {
        var written = new ProtobufMessage();
        switch (type)
        {
            case "Time" or "MicroTime" when KubeTime.TryParse(value.Text(), out var time):
                written.Whole(1, time.ToUnixTimeSeconds());
                written.Whole(2, time.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick);
                break;
            case "Quantity":
                written.Text(1, value.Text());
                break;
            case "IntOrString" when value.GetValueKind() == JsonValueKind.Number:
                written.Number(1, 0);
                written.Number(2, value.GetValue<long>());
                break;
            case "IntOrString":
                written.Number(1, 1);
                written.Text(3, value.Text());
                break;
            case "Raw":
                written.Bytes(1, ObjectBytes.Of(value));
                break;
        }

        return written;
    }

    /// <summary>The first two numbers and the bytes: no message here has more.</summary>
    private static (long First, long Second, byte[] Text) Fields(ReadOnlySpan<byte> bytes)
    {
        long first = 0, second = 0;
        byte[] text = [];
        for (var reader = new ProtobufReader(bytes); !reader.IsAtEnd;)
        {
            switch (reader.ReadTag())
            {
                case (1, WireType.Varint):
                    first = (long)reader.ReadVarint();
                    break;
                case (2, WireType.Varint):
                    second = (long)reader.ReadVarint();
                    break;
                case (_, WireType.Bytes):
                    text = reader.ReadBytes().ToArray();
                    break;
                case var (_, wire):
                    reader.Skip(wire);
                    break;
            }
        }

        return (first, second, text);
    }

    /// <summary>Seconds since 1970 and nanoseconds; none of either is no time at all.</summary>
    private static DateTimeOffset? Time(long seconds, long nanos)
    {
        if (seconds == 0 && nanos == 0)
        {
            return null;
        }

        try
        {
            return DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanos / TimeSpan.NanosecondsPerTick);
        }
        catch (ArgumentOutOfRangeException fault)
        {
            throw new FormatException($"{seconds.ToString(CultureInfo.InvariantCulture)} is not a time", fault);
        }
    }

    /// <summary>Nanoseconds, in a form that Go reads.</summary>
    private static string Duration(long nanoseconds) => nanoseconds % 1_000_000_000 == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1_000_000_000}s")
        : string.Create(CultureInfo.InvariantCulture, $"{nanoseconds}ns");

    private static JsonNode? Raw(byte[] text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        try
        {
            return JsonDecoder.Decode(text);
        }
        catch (FormatException fault)
        {
            throw new FormatException($"a raw value is not JSON: {fault.Message}", fault);
        }
    }
}
