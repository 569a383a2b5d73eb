using System.Numerics;

namespace Capstan.Cel.Tests.Reference;

/// <summary>A value of the reference evaluator: plain objects, numbers of any size, nothing shared with the evaluator that is judged.</summary>
internal abstract record RefValue
{
    public static RefValue True { get; } = new RefBool(true);

    public static RefValue False { get; } = new RefBool(false);

    public static RefValue Of(bool value) => value ? True : False;

    /// <summary>An int, or the error of one that needs more than 64 bits.</summary>
    public static RefValue Int(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? new RefInt(value) : new RefError("integer overflow");

    public static RefValue Uint(BigInteger value) =>
        value >= 0 && value <= ulong.MaxValue ? new RefUint(value) : new RefError("unsigned integer overflow");

    /// <summary>A duration, or the error of one whose nanoseconds need more than 64 bits.</summary>
    public static RefValue Duration(BigInteger nanoseconds) =>
        nanoseconds >= long.MinValue && nanoseconds <= long.MaxValue ? new RefDuration(nanoseconds) : new RefError("duration out of range");

    /// <summary>A timestamp, or the error of one before the year 1 or after the year 9999.</summary>
    public static RefValue Timestamp(BigInteger nanoseconds, int offsetMinutes = 0) =>
        nanoseconds >= RefTimes.First && nanoseconds <= RefTimes.Last
            ? new RefTimestamp(nanoseconds, offsetMinutes)
            : new RefError("timestamp out of range");

    public static RefError NoOverload(string function) => new($"no such overload: {function}");

    /// <summary>CEL's name of the type.</summary>
    public string TypeName => this switch
    {
        RefNull => "null_type",
        RefBool => "bool",
        RefInt => "int",
        RefUint => "uint",
        RefDouble => "double",
        RefString => "string",
        RefBytes => "bytes",
        RefList => "list",
        RefMap => "map",
        RefTimestamp => "google.protobuf.Timestamp",
        RefDuration => "google.protobuf.Duration",
        RefType => "type",
        RefOptional => "optional_type",
        _ => "error",
    };
}

internal sealed record RefNull : RefValue;

internal sealed record RefBool(bool Value) : RefValue;

internal sealed record RefInt(BigInteger Value) : RefValue;

internal sealed record RefUint(BigInteger Value) : RefValue;

internal sealed record RefDouble(double Value) : RefValue;

internal sealed record RefString(string Value) : RefValue
{
    /// <summary>The code points: what CEL counts and compares.</summary>
    public int[] CodePoints => [.. Value.EnumerateRunes().Select(r => r.Value)];
}

internal sealed record RefBytes(byte[] Value) : RefValue;

internal sealed record RefList(IReadOnlyList<RefValue> Items) : RefValue;

internal sealed record RefMap(IReadOnlyList<(RefValue Key, RefValue Value)> Entries) : RefValue
{
    /// <summary>The value of an equal key, the last one; null when there is none.</summary>
    public RefValue? Find(RefValue key) => Entries.LastOrDefault(e => RefEquality.Equal(e.Key, key)).Value;
}

/// <summary>Nanoseconds since 1970, and the zone that the text of it had: it is only seen when it becomes a text again.</summary>
internal sealed record RefTimestamp(BigInteger Nanoseconds, int OffsetMinutes) : RefValue;

internal sealed record RefDuration(BigInteger Nanoseconds) : RefValue;

internal sealed record RefType(string Name) : RefValue;

internal sealed record RefOptional(RefValue? Value) : RefValue;

/// <summary>Not a value: why there is none.</summary>
internal sealed record RefError(string Why) : RefValue;
