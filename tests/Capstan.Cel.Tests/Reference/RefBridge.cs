using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Capstan.Cel.Tests.Reference;

/// <summary>Between documents, values of the evaluator that is judged, and values of the reference.</summary>
internal static class RefBridge
{
    /// <summary>JSON as Kubernetes reads it: whole numbers that fit are int, other numbers double, the last of equal names counts.</summary>
    public static RefValue Of(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Null: return new RefNull();
            case JsonValueKind.True: return RefValue.True;
            case JsonValueKind.False: return RefValue.False;
            case JsonValueKind.String: return new RefString(element.GetString()!);
            case JsonValueKind.Array: return new RefList([.. element.EnumerateArray().Select(Of)]);
            case JsonValueKind.Number:
                var text = element.GetRawText();
                return BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) && RefValue.Int(whole) is RefInt value
                    ? value
                    : new RefDouble(double.Parse(text, CultureInfo.InvariantCulture));
            default:
                var entries = new List<(RefValue Key, RefValue Value)>();
                foreach (var property in element.EnumerateObject())
                {
                    var entry = ((RefValue)new RefString(property.Name), Of(property.Value));
                    var same = entries.FindIndex(e => e.Key == entry.Item1);
                    if (same < 0)
                    {
                        entries.Add(entry);
                    }
                    else
                    {
                        entries[same] = entry;
                    }
                }

                return new RefMap(entries);
        }
    }

    /// <summary>A value of the evaluator that is judged.</summary>
    public static RefValue Of(CelValue value) => value.Kind switch
    {
        CelKind.Null => new RefNull(),
        CelKind.Bool => RefValue.Of(value.Bool),
        CelKind.Int => new RefInt(value.Int),
        CelKind.Uint => new RefUint(value.Uint),
        CelKind.Double => new RefDouble(value.Double),
        CelKind.String => new RefString(value.String),
        CelKind.Bytes => new RefBytes(value.Bytes),
        CelKind.List => new RefList([.. value.List.ToArray().Select(Of)]),
        CelKind.Map => new RefMap([.. Enumerable.Range(0, value.Map.Count).Select(value.Map.Entry).Select(e => (Of(e.Key), Of(e.Value)))]),
        CelKind.Timestamp => new RefTimestamp((BigInteger)value.Timestamp.Seconds * 1_000_000_000 + value.Timestamp.Nanos, value.Timestamp.OffsetMinutes),
        CelKind.Duration => new RefDuration(value.Duration.Nanoseconds),
        CelKind.Type => new RefType(value.String),
        CelKind.Optional => new RefOptional(value.Optional.HasValue ? Of(value.Optional.Value) : null),
        CelKind.Error => new RefError(value.ErrorMessage),
        _ => throw new NotSupportedException(value.Kind.ToString()),
    };

    /// <summary>The same value: of the same kind, NaN is NaN, -0 is not 0; any two errors are the same. The order of a map's entries is free.</summary>
    public static bool Same(RefValue a, RefValue b) => (a, b) switch
    {
        (RefError, RefError) => true,
        (RefDouble x, RefDouble y) => x.Value.Equals(y.Value) && double.IsNegative(x.Value) == double.IsNegative(y.Value) || double.IsNaN(x.Value) && double.IsNaN(y.Value),
        (RefBytes x, RefBytes y) => x.Value.SequenceEqual(y.Value),
        (RefOptional { Value: { } x }, RefOptional { Value: { } y }) => Same(x, y),
        (RefList x, RefList y) => x.Items.Count == y.Items.Count && x.Items.Zip(y.Items).All(p => Same(p.First, p.Second)),
        (RefMap x, RefMap y) => x.Entries.Count == y.Entries.Count && x.Entries.All(e => y.Entries.Any(f => Same(e.Key, f.Key) && Same(e.Value, f.Value))),
        _ => a == b,
    };
}
