using System.Diagnostics;
using Capstan.Cel.Documents;
using Capstan.Cel.Evaluation;
using Capstan.Cel.Values;

namespace Capstan.Cel;

/// <summary>
/// A value of CEL, or an error, in 24 bytes: numbers, bools, times and what lies in a JSON document are not boxed. Immutable. Strings, lists and
/// maps may still lie in a document, which must then live as long as the value. Look at <see cref="Kind"/> before reading: a property of another
/// kind means nothing and may throw <see cref="InvalidCastException"/>.
/// </summary>
[DebuggerDisplay("{Kind} {ToString()}")]
public readonly partial struct CelValue
{
    private readonly object? _reference;
    private readonly long _bits;
    private readonly int _extra;
    private readonly short _short;
    private readonly CelKind _kind;

    private CelValue(CelKind kind, object? reference, long bits, int extra = 0, short small = 0)
    {
        _kind = kind;
        _reference = reference;
        _bits = bits;
        _extra = extra;
        _short = small;
    }

    /// <summary>What it is.</summary>
    public CelKind Kind => _kind;

    /// <summary>Whether it is an error: the expression has no value.</summary>
    public bool IsError => _kind == CelKind.Error;

    /// <summary>Whether it is an int, a uint or a double.</summary>
    public bool IsNumber => _kind is CelKind.Int or CelKind.Uint or CelKind.Double;

    /// <summary>Of a bool.</summary>
    public bool Bool => _bits != 0;

    /// <summary>Of an int.</summary>
    public long Int => _bits;

    /// <summary>Of a uint.</summary>
    public ulong Uint => (ulong)_bits;

    /// <summary>Of a double.</summary>
    public double Double => BitConverter.Int64BitsToDouble(_bits);

    /// <summary>The text of a string, the name of a type. Made anew each time for a string of a JSON document.</summary>
    public string String => _reference is string text ? text : ((CelDocument)_reference!).String((int)_bits);

    /// <summary>Of bytes. Not to be changed.</summary>
    public byte[] Bytes => (byte[])_reference!;

    /// <summary>Of a duration.</summary>
    public CelDuration Duration => new(_bits);

    /// <summary>Of a timestamp.</summary>
    public CelTimestamp Timestamp => new(_bits, _extra, _short);

    /// <summary>Of a list.</summary>
    public CelList List => _reference is CelList list ? list : new DocumentList((CelDocument)_reference!, (int)_bits);

    /// <summary>Of a map.</summary>
    public CelMap Map => _reference is CelMap map ? map : new DocumentMap((CelDocument)_reference!, (int)_bits);

    /// <summary>Of an optional value.</summary>
    public CelOptional Optional => (CelOptional)_reference!;

    /// <summary>Of a value of a library's own type.</summary>
    public ICelObject Object => (ICelObject)_reference!;

    /// <summary>The number, of any of the three types.</summary>
    internal CelNumber Number => _kind switch
    {
        CelKind.Int => CelNumber.Of(_bits),
        CelKind.Uint => CelNumber.Of((ulong)_bits),
        _ => CelNumber.Of(Double),
    };

    internal EvalErrorKind ErrorKind => (EvalErrorKind)_short;

    /// <summary>The node where an error happened.</summary>
    internal int ErrorNode => _extra;

    /// <summary><c>null</c></summary>
    public static CelValue Null => new(CelKind.Null, null, 0);

    /// <summary><c>true</c></summary>
    public static CelValue True => new(CelKind.Bool, null, 1);

    /// <summary><c>false</c></summary>
    public static CelValue False => new(CelKind.Bool, null, 0);

    /// <summary>A bool.</summary>
    public static CelValue Of(bool value) => new(CelKind.Bool, null, value ? 1 : 0);

    /// <summary>An int.</summary>
    public static CelValue Of(long value) => new(CelKind.Int, null, value);

    /// <summary>A uint.</summary>
    public static CelValue Of(ulong value) => new(CelKind.Uint, null, (long)value);

    /// <summary>A double.</summary>
    public static CelValue Of(double value) => new(CelKind.Double, null, BitConverter.DoubleToInt64Bits(value));

    /// <summary>A string; <c>null</c> of null.</summary>
    public static CelValue Of(string? value) => value is null ? Null : new(CelKind.String, value, 0);

    /// <summary>Bytes, which must not change any more.</summary>
    public static CelValue Of(byte[] value) => new(CelKind.Bytes, value, 0);

    /// <summary>A list.</summary>
    public static CelValue Of(CelList value) => new(CelKind.List, value, 0);

    /// <summary>A map.</summary>
    public static CelValue Of(CelMap value) => new(CelKind.Map, value, 0);

    /// <summary>A duration.</summary>
    public static CelValue Of(CelDuration value) => new(CelKind.Duration, null, value.Nanoseconds);

    /// <summary>A timestamp.</summary>
    public static CelValue Of(CelTimestamp value) => new(CelKind.Timestamp, null, value.Seconds, value.Nanos, value.OffsetMinutes);

    /// <summary>A timestamp.</summary>
    public static CelValue Of(DateTimeOffset value) => Of(CelTimestamp.Of(value));

    /// <summary>A duration; an error for one of more than 292 years, which is longer than durations are.</summary>
    public static CelValue Of(TimeSpan value) => CelDuration.TryOf(value, out var duration) ? Of(duration) : Error(CelErrorKind.IntOverflow);

    /// <summary>An optional value.</summary>
    public static CelValue Of(CelOptional value) => new(CelKind.Optional, value, 0);

    /// <summary>A value of a library's own type.</summary>
    public static CelValue Of(ICelObject value) => new(CelKind.Object, value, 0);

    internal static CelValue Of(CelNumber value) => value.Kind switch
    {
        CelNumberKind.Int => Of(value.Int),
        CelNumberKind.Uint => Of(value.Uint),
        _ => Of(value.Double),
    };

    /// <summary>A type, by its name.</summary>
    public static CelValue TypeOf(string name) => new(CelKind.Type, name, 0);

    internal static CelValue Error(EvalErrorKind kind, int node = 0, object? detail = null, long number = 0) =>
        new(CelKind.Error, detail, number, node, (short)kind);

    internal static CelValue Error(CelErrorKind kind, int node = 0, object? detail = null) =>
        new(CelKind.Error, detail, (long)kind, node, (short)EvalErrorKind.Value);

    /// <summary>An error.</summary>
    public static CelValue Failure(string message) => Error(EvalErrorKind.Message, 0, message);

    /// <summary>The same error; where a function had no overload, with the types that it was called with.</summary>
    internal CelValue WithArguments(ReadOnlySpan<CelValue> arguments)
    {
        if (ErrorKind != EvalErrorKind.NoSuchOverload || _reference is not string function || function.EndsWith(')'))
        {
            return this;
        }

        var types = new string[arguments.Length];
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = arguments[i].TypeName;
        }

        return Error(EvalErrorKind.NoSuchOverload, _extra, $"{function}({string.Join(", ", types)})");
    }

    /// <summary>The same error at a node, unless it has one.</summary>
    internal CelValue At(int node) => _extra == 0 ? new(_kind, _reference, _bits, node, _short) : this;

    /// <summary>The words of an error, made when they are asked for. Meaningless of a value.</summary>
    public string ErrorMessage => ErrorKind switch
    {
        EvalErrorKind.Value => _reference as string ?? CelErrorText.Of((CelErrorKind)_bits),
        EvalErrorKind.NoSuchOverload => _reference is string function ? $"no such overload: {function}" : "no such overload",
        EvalErrorKind.NoSuchKey => $"no such key: {_reference}",
        EvalErrorKind.IndexOutOfBounds => $"index out of bounds: {_bits}",
        EvalErrorKind.DuplicateKey => $"insert failed: key {_reference} already exists",
        EvalErrorKind.UnsupportedKey => $"unsupported key type: {_reference}",
        EvalErrorKind.UndeclaredReference => $"undeclared reference to '{_reference}'",
        EvalErrorKind.Unbound => $"no such attribute(s): {_reference}",
        EvalErrorKind.OptionalNone => "optional.none() dereference",
        EvalErrorKind.Cancelled => "operation interrupted",
        EvalErrorKind.CostLimitExceeded => "operation cancelled: actual cost limit exceeded",
        _ => (string)_reference!,
    };

    /// <summary>CEL's name of the value's type; lists and maps without what is in them.</summary>
    public string TypeName => _kind switch
    {
        CelKind.Null => "null_type",
        CelKind.Bool => "bool",
        CelKind.Int => "int",
        CelKind.Uint => "uint",
        CelKind.Double => "double",
        CelKind.String => "string",
        CelKind.Bytes => "bytes",
        CelKind.List => "list",
        CelKind.Map => "map",
        CelKind.Timestamp => "google.protobuf.Timestamp",
        CelKind.Duration => "google.protobuf.Duration",
        CelKind.Type => "type",
        CelKind.Optional => "optional_type",
        CelKind.Object => Object.TypeName,
        _ => "error",
    };

    /// <inheritdoc/>
    public override string ToString() => _kind switch
    {
        CelKind.Null => "null",
        CelKind.Bool => Bool ? "true" : "false",
        CelKind.Int => Int.ToString(System.Globalization.CultureInfo.InvariantCulture),
        CelKind.Uint => Uint.ToString(System.Globalization.CultureInfo.InvariantCulture),
        CelKind.Double => CelNumberText.General(Double),
        CelKind.String or CelKind.Type => String,
        CelKind.Bytes => Convert.ToHexString(Bytes),
        CelKind.List => $"list of {List.Count}",
        CelKind.Map => $"map of {Map.Count}",
        CelKind.Timestamp => Timestamp.ToString(),
        CelKind.Duration => Duration.ToString(),
        CelKind.Optional => Optional.HasValue ? $"optional({Optional.Value})" : "optional.none()",
        CelKind.Error => ErrorMessage,
        _ => _reference?.ToString() ?? "",
    };
}
