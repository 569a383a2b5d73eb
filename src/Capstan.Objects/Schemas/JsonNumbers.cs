using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Schemas;

/// <summary>Numbers of parsed or built JSON, whatever .NET type holds them.</summary>
internal static class JsonNumbers
{
    // 2^53 - 1
    private const double MaxExact = 9007199254740991;

    /// <summary>Whether the value is written as an integer of 64 bits: <c>1.0</c> and <c>1e3</c> are not.</summary>
    public static bool TryInteger(JsonNode value, out long integer)
    {
        integer = 0;
        if (value is JsonValue parsed && parsed.TryGetValue<JsonElement>(out var element))
        {
            return element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out integer);
        }

        return value is JsonValue && value.GetValueKind() == JsonValueKind.Number
            && long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out integer);
    }

    /// <summary>The nearest double; infinite beyond its range.</summary>
    public static double Double(JsonNode value) => double.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>Whether the number has no fraction, in whatever form it is written.</summary>
    public static bool IsWhole(JsonNode value) => TryInteger(value, out _) || IsWhole(Double(value));

    /// <summary>Whether a double is an integer that JSON can hold exactly, or so near above one that only a division can have made the difference.</summary>
    public static bool IsWhole(double number)
    {
        if (!(Math.Abs(number) <= MaxExact))
        {
            return false;
        }

        var whole = Math.Truncate(number);
        return whole == number || (whole != 0 && Math.Abs(number - whole) / (Math.Abs(number) + Math.Abs(whole)) < 1e-9);
    }
}
