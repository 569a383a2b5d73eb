using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Capstan.Cel.Kubernetes.Tests.Library;

/// <summary>Values as the committed answers of Kubernetes' own code write them: every kind, and every bit of a double, shows.</summary>
internal static class ValueText
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(in CelValue value) => value.Kind switch
    {
        CelKind.Bool => value.Bool ? "true" : "false",
        CelKind.Int => value.Int.ToString(CultureInfo.InvariantCulture),
        CelKind.Uint => string.Create(CultureInfo.InvariantCulture, $"{value.Uint}u"),
        CelKind.Double => string.Create(CultureInfo.InvariantCulture, $"double:{BitConverter.DoubleToUInt64Bits(value.Double):x16}"),
        CelKind.String => Quoted(value.String),
        CelKind.Bytes => $"bytes:{Convert.ToHexString(value.Bytes)}",
        CelKind.Duration => string.Create(CultureInfo.InvariantCulture, $"duration:{value.Duration.Nanoseconds}"),
        CelKind.Timestamp => string.Create(CultureInfo.InvariantCulture, $"timestamp:{value.Timestamp.Seconds}.{value.Timestamp.Nanos:d9}"),
        CelKind.List => $"[{string.Join(", ", value.List.ToArray().Select(item => Of(item)))}]",
        CelKind.Map => $"{{{string.Join(", ", Enumerable.Range(0, value.Map.Count).Select(value.Map.Entry)
            .Select(entry => $"{Of(entry.Key)}: {Of(entry.Value)}").Order(StringComparer.Ordinal))}}}",
        CelKind.Optional => value.Optional.HasValue ? $"optional({Of(value.Optional.Value)})" : "none",
        CelKind.Type => $"type:{value.String}",
        CelKind.Object => OfObject(value.Object),
        CelKind.Error => $"error: {value.ErrorMessage}",
        _ => value.ToString(),
    };

    // The serializer escapes what lies beyond the basic plane, whatever it is told.
    private static string Quoted(string text) =>
        System.Text.RegularExpressions.Regex.Replace(JsonSerializer.Serialize(text, Plain), @"\\u(d[89ab]..)\\u(d[c-f]..)", m => $"{Unit(m, 1)}{Unit(m, 2)}", RegexOptions.IgnoreCase);

    private static char Unit(Match match, int group) => (char)int.Parse(match.Groups[group].Value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static string OfObject(ICelObject value)
    {
        var name = value.TypeName.Split('.')[^1].ToLowerInvariant();
        return name == "namedformat" ? $"format:{value.ToString()!.ToLowerInvariant()}" : $"{name}:{value}";
    }
}
