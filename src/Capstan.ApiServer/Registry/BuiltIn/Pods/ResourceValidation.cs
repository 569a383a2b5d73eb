using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>Faults of what a container asks for and may use at most.</summary>
internal static class ResourceValidation
{
    /// <summary>Adds the faults.</summary>
    public static void Check(JsonObject? resources, string path, ICollection<FieldError> errors)
    {
        CheckNotNegative(resources.Map("limits"), $"{path}.limits", errors);
        var limits = resources.Map("limits");
        foreach (var (name, value) in resources.Map("requests") ?? [])
        {
            if (Amount(value) is not { } request)
            {
                continue;
            }

            if (request < 0)
            {
                errors.Add(FieldErrors.Invalid($"{path}.requests[{name}]", Shown(value), "must be greater than or equal to 0"));
            }

            if (Amount(limits.At(name)) is { } limit && request > limit)
            {
                errors.Add(FieldErrors.Invalid($"{path}.requests", Shown(value), $"must be less than or equal to {name} limit of {Shown(limits.At(name))}"));
            }
        }
    }

    private static void CheckNotNegative(JsonObject? amounts, string path, ICollection<FieldError> errors)
    {
        foreach (var (name, value) in amounts ?? [])
        {
            if (Amount(value) is < 0)
            {
                errors.Add(FieldErrors.Invalid($"{path}[{name}]", Shown(value), "must be greater than or equal to 0"));
            }
        }
    }

    private static string Shown(JsonNode? value) => value.Text() ?? value?.ToJsonString() ?? "";

    /// <summary>A quantity as a number; null when it is none.</summary>
    private static decimal? Amount(JsonNode? value)
    {
        var text = value.Text() ?? value?.ToJsonString();
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var end = text.AsSpan().IndexOfAnyExcept("+-.0123456789");
        var (number, suffix) = end < 0 ? (text, "") : (text[..end], text[end..]);
        if (!decimal.TryParse(number, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
        {
            return null;
        }

        decimal? unit = suffix switch
        {
            "" => 1m,
            "n" => 1e-9m,
            "u" => 1e-6m,
            "m" => 1e-3m,
            "k" => 1e3m,
            "M" => 1e6m,
            "G" => 1e9m,
            "T" => 1e12m,
            "P" => 1e15m,
            "E" => 1e18m,
            "Ki" => 1024m,
            "Mi" => 1048576m,
            "Gi" => 1073741824m,
            "Ti" => 1099511627776m,
            "Pi" => 1125899906842624m,
            "Ei" => 1152921504606846976m,
            _ => null,
        };
        try
        {
            return amount * unit;
        }
        catch (OverflowException)
        {
            return null;
        }
    }
}
