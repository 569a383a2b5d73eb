using Capstan.Cel.Values;

namespace Capstan.Cel.Tests.Values;

/// <summary>A boxed value for the format verbs: the tests' own, the evaluator has a better one.</summary>
internal sealed class FormatValue : ICelFormatValue<FormatValue>
{
    private readonly object? _value;

    private FormatValue(CelFormatKind kind, string typeName, object? value) => (Kind, TypeName, _value) = (kind, typeName, value);

    public CelFormatKind Kind { get; }

    public string TypeName { get; }

    public bool Bool => (bool)_value!;

    public long Int => (long)_value!;

    public ulong Uint => (ulong)_value!;

    public double Double => (double)_value!;

    public string String => (string)_value!;

    public ReadOnlySpan<byte> Bytes => (byte[])_value!;

    public CelTimestamp Timestamp => (CelTimestamp)_value!;

    public CelDuration Duration => (CelDuration)_value!;

    public int Count => Kind == CelFormatKind.Map ? Entries.Length : Elements.Length;

    private FormatValue[] Elements => (FormatValue[])_value!;

    private (FormatValue Key, FormatValue Value)[] Entries => ((FormatValue, FormatValue)[])_value!;

    public FormatValue Element(int index) => Elements[index];

    public (FormatValue Key, FormatValue Value) Entry(int index) => Entries[index];

    public static FormatValue Type(string name) => new(CelFormatKind.Type, "type", name);

    public static FormatValue Of(object? value) => value switch
    {
        null => new(CelFormatKind.Null, "null_type", null),
        bool => new(CelFormatKind.Bool, "bool", value),
        long => new(CelFormatKind.Int, "int", value),
        ulong => new(CelFormatKind.Uint, "uint", value),
        double => new(CelFormatKind.Double, "double", value),
        string => new(CelFormatKind.String, "string", value),
        byte[] => new(CelFormatKind.Bytes, "bytes", value),
        CelTimestamp => new(CelFormatKind.Timestamp, "google.protobuf.Timestamp", value),
        CelDuration => new(CelFormatKind.Duration, "google.protobuf.Duration", value),
        FormatValue[] => new(CelFormatKind.List, "list", value),
        (FormatValue, FormatValue)[] => new(CelFormatKind.Map, "map", value),
        _ => new(CelFormatKind.Other, "optional_type", value),
    };
}
