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
        var isWhole = text.AsSpan().IndexOfAny('.', 'e', 'E') < 0 && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
        if (isWhole || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
        {
            return null;
        }

        // decimal writes no exponent, and holds the shortest digits of every double of this range.
        var size = Math.Abs(number);
        var shortest = number.ToString("R", CultureInfo.InvariantCulture);
        if (size is 0 or (>= Least and < Most))
        {
            return JsonNode.Parse(decimal.Parse(shortest, NumberStyles.Float, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture));
        }

        return JsonNode.Parse(shortest.Replace("E", "e", StringComparison.Ordinal).Replace("e-0", "e-", StringComparison.Ordinal));
    }
}
