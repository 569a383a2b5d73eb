namespace Capstan.Cel.Values;

/// <summary>What kind of value a format verb meets.</summary>
internal enum CelFormatKind
{
    /// <summary>A kind that no verb prints, e.g. an optional.</summary>
    Other,

    /// <summary>null.</summary>
    Null,

    /// <summary>bool.</summary>
    Bool,

    /// <summary>int.</summary>
    Int,

    /// <summary>uint.</summary>
    Uint,

    /// <summary>double.</summary>
    Double,

    /// <summary>string.</summary>
    String,

    /// <summary>bytes.</summary>
    Bytes,

    /// <summary>A timestamp.</summary>
    Timestamp,

    /// <summary>A duration.</summary>
    Duration,

    /// <summary>A type; its name is <see cref="ICelFormatValue{TSelf}.String"/>.</summary>
    Type,

    /// <summary>A list.</summary>
    List,

    /// <summary>A map.</summary>
    Map,
}

/// <summary>A value as <see cref="CelFormat"/> reads it. The evaluator's value implements it; only the member of its kind is asked for.</summary>
internal interface ICelFormatValue<TSelf>
    where TSelf : ICelFormatValue<TSelf>
{
    /// <summary>The kind.</summary>
    CelFormatKind Kind { get; }

    /// <summary>CEL's name of the value's type, for errors.</summary>
    string TypeName { get; }

    /// <summary>The value of a bool.</summary>
    bool Bool { get; }

    /// <summary>The value of an int.</summary>
    long Int { get; }

    /// <summary>The value of a uint.</summary>
    ulong Uint { get; }

    /// <summary>The value of a double.</summary>
    double Double { get; }

    /// <summary>The value of a string, or the name of a type.</summary>
    string String { get; }

    /// <summary>The value of bytes.</summary>
    ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The value of a timestamp.</summary>
    CelTimestamp Timestamp { get; }

    /// <summary>The value of a duration.</summary>
    CelDuration Duration { get; }

    /// <summary>Elements of a list, or entries of a map.</summary>
    int Count { get; }

    /// <summary>An element of a list.</summary>
    TSelf Element(int index);

    /// <summary>An entry of a map, in any order.</summary>
    (TSelf Key, TSelf Value) Entry(int index);
}
