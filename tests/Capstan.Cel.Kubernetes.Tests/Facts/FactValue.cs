using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Cel.Values;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>The values of facts: plain JSON as input, and the form with the kind of each value as what is expected.</summary>
internal static class FactValue
{
    /// <summary>Plain JSON as a value without a type: integers written without <c>.</c> and <c>e</c> are int, other numbers double.</summary>
    public static CelValue Of(JsonNode? plain) => CelValue.Of(JsonDocument.Parse(plain?.ToJsonString() ?? "null").RootElement);

    /// <summary>Why a value is not the expected one, null when it is. Kinds count: 1 is not 1u; NaN is NaN.</summary>
    public static string? Mismatch(JsonNode expected, in CelValue actual) =>
        Same(expected, actual) ? null : $"expected {expected.ToJsonString()}, got {actual.TypeName} {actual}";

    private static bool Same(JsonNode expected, in CelValue actual)
    {
        var (kind, value) = expected.AsObject().First();
        switch (kind)
        {
            case "null_value": return actual.Kind == CelKind.Null;
            case "bool_value": return actual.Kind == CelKind.Bool && actual.Bool == (bool)value!;
            case "int64_value": return actual.Kind == CelKind.Int && actual.Int == long.Parse((string)value!, CultureInfo.InvariantCulture);
            case "uint64_value": return actual.Kind == CelKind.Uint && actual.Uint == ulong.Parse((string)value!, CultureInfo.InvariantCulture);
            case "double_value": return actual.Kind == CelKind.Double && actual.Double.Equals(Double(value!));
            case "string_value": return actual.Kind == CelKind.String && actual.String == (string)value!;
            case "bytes_value": return actual.Kind == CelKind.Bytes && actual.Bytes.AsSpan().SequenceEqual(Convert.FromBase64String((string)value!));
            case "type_value": return actual.Kind == CelKind.Type && actual.String == (string)value!;
            case "list_value": return actual.Kind == CelKind.List && SameItems(value!["values"]?.AsArray() ?? [], actual.List);
            case "map_value": return actual.Kind == CelKind.Map && SameEntries(value!["entries"]?.AsArray() ?? [], actual.Map);
            case "object_value": return SameMessage(value!, actual);
            case "optional": return actual.Kind == CelKind.Optional && (value is null ? !actual.Optional.HasValue : actual.Optional.HasValue && Same(value, actual.Optional.Value));
            case "k8s": return actual.Kind == CelKind.Object && actual.TypeName == (string)value!["type"]! && actual.ToString() == (string)value["text"]!;
            default: throw new NotSupportedException($"values of kind {kind}");
        }
    }

    private static bool SameItems(JsonArray expected, CelList actual)
    {
        var items = actual.ToArray();
        return items.Length == expected.Count && items.Zip(expected).All(pair => Same(pair.Second!, pair.First));
    }

    private static bool SameEntries(JsonArray expected, CelMap actual)
    {
        var entries = Enumerable.Range(0, actual.Count).Select(actual.Entry).ToList();
        return entries.Count == expected.Count
            && expected.All(wanted => entries.Exists(entry => Same(wanted!["key"]!, entry.Key) && Same(wanted["value"]!, entry.Value)));
    }

    private static bool SameMessage(JsonNode expected, in CelValue actual)
    {
        var parts = expected["value"]!;
        var seconds = long.Parse((string?)parts["seconds"] ?? "0", CultureInfo.InvariantCulture);
        var nanos = (int?)parts["nanos"] ?? 0;
        return ((string)expected["@type"]!).EndsWith("Duration", StringComparison.Ordinal)
            ? actual.Kind == CelKind.Duration && actual.Duration == new CelDuration((seconds * 1_000_000_000) + nanos)
            : actual.Kind == CelKind.Timestamp && actual.Timestamp.Seconds == seconds && actual.Timestamp.Nanos == nanos;
    }

    private static double Double(JsonNode value) => value.GetValueKind() == JsonValueKind.Number ? (double)value : (string)value! switch
    {
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => double.NaN,
    };
}
