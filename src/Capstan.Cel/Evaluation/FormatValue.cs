using Capstan.Cel.Values;

namespace Capstan.Cel.Evaluation;

/// <summary>How format verbs read a value.</summary>
internal readonly struct FormatValue(CelValue value) : ICelFormatValue<FormatValue>
{
    public CelFormatKind Kind => value.Kind switch
    {
        CelKind.Null => CelFormatKind.Null,
        CelKind.Bool => CelFormatKind.Bool,
        CelKind.Int => CelFormatKind.Int,
        CelKind.Uint => CelFormatKind.Uint,
        CelKind.Double => CelFormatKind.Double,
        CelKind.String => CelFormatKind.String,
        CelKind.Bytes => CelFormatKind.Bytes,
        CelKind.Timestamp => CelFormatKind.Timestamp,
        CelKind.Duration => CelFormatKind.Duration,
        CelKind.Type => CelFormatKind.Type,
        CelKind.List => CelFormatKind.List,
        CelKind.Map => CelFormatKind.Map,
        _ => CelFormatKind.Other,
    };

    public string TypeName => value.TypeName;

    public bool Bool => value.Bool;

    public long Int => value.Int;

    public ulong Uint => value.Uint;

    public double Double => value.Double;

    public string String => value.String;

    public ReadOnlySpan<byte> Bytes => value.Bytes;

    public CelTimestamp Timestamp => value.Timestamp;

    public CelDuration Duration => value.Duration;

    public int Count => value.Kind == CelKind.List ? value.List.Count : value.Map.Count;

    public FormatValue Element(int index) => new(value.List[index]);

    public (FormatValue Key, FormatValue Value) Entry(int index)
    {
        var (key, item) = value.Map.Entry(index);
        return (new(key), new(item));
    }
}
