using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Numbers of pods, given as such or as percentage of all.</summary>
internal static class NumberOrPercent
{
    /// <summary>If there is one it must be well formed and not negative.</summary>
    public static void Check(Place place)
    {
        if (place.Value?.GetValueKind() != JsonValueKind.String)
        {
            place.NotNegative();
        }
        else if (Percent(place.Value) is null)
        {
            place.Invalid(Naming.Mismatch("a valid percent string must be a numeric string followed by an ending '%'", "[0-9]+%", "1%", "93%"));
        }
    }

    /// <summary>If it is a percentage it must not be more than all.</summary>
    public static void CheckAtMostAll(Place place)
    {
        if (Percent(place.Value) > 100)
        {
            place.Invalid("must not be greater than 100%");
        }
    }

    /// <summary>Whether it is none at all. What is no percentage reads as the number that it begins with, if it is one.</summary>
    public static bool IsZero(JsonNode? value) => (value.Number() ?? Percent(value) ?? (long.TryParse(value.Text(), CultureInfo.InvariantCulture, out var number) ? number : 0)) == 0;

    private static long? Percent(JsonNode? value) =>
        value.Text() is { Length: > 1 } text && text[^1] == '%' && text.AsSpan(0, text.Length - 1).IndexOfAnyExceptInRange('0', '9') < 0
            ? long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent) ? percent : 0
            : null;
}
