using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.CustomResources;

/// <summary>Numbers of custom resources as Kubernetes writes them: it knows no type of theirs but whole numbers and doubles, so 1.0 comes back as 1.</summary>
internal static class PlainNumbers
{
    // As Go writes doubles in JSON: with an exponent outside of these.
    private const double Least = 1e-6;
    private const double Most = 1e21;

    public static void Write(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields.ToArray())
                {
                    if (Plain(value) is { } plain)
                    {
                        fields[name] = plain;
                    }
                    else
                    {
                        Write(value);
                    }
                }

                break;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    if (Plain(items[i]) is { } plain)
                    {
                        items[i] = plain;
                    }
                    else
                    {
                        Write(items[i]);
                    }
                }

                break;
        }
    }

    private static JsonNode? Plain(JsonNode? value)
    {
        if (value is not JsonValue || value.GetValueKind() != JsonValueKind.Number)
        {
            return null;
        }

        var text = value.ToJsonString();
        if (text.AsSpan().IndexOfAny('.', 'e', 'E') < 0 || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
        {
            return null;
        }

        var size = Math.Abs(number);
        if (size is 0 or (>= Least and < Most))
        {
            // decimal writes no exponent; it holds every double of this range that has no more digits than doubles have, but for the largest.
            var written = size < 1e15 ? ((decimal)number).ToString(CultureInfo.InvariantCulture) : number.ToString("F0", CultureInfo.InvariantCulture);
            return JsonNode.Parse(double.Parse(written, CultureInfo.InvariantCulture) == number ? written.Contains('.') ? written.TrimEnd('0').TrimEnd('.') : written : text);
        }

        return JsonNode.Parse(number.ToString("R", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal).Replace("e-0", "e-", StringComparison.Ordinal));
    }
}
