using System.Diagnostics;
using System.Text.Json;
using Capstan.Cel.Values;

namespace Capstan.Cel.Evaluation;

/// <summary>
/// A value of CEL in 24 bytes: numbers, bools, times and what lies in a JSON document are not boxed. Immutable. Strings, lists and maps may
/// still lie in a <see cref="JsonDocument"/>, which must then live as long as the value.
/// </summary>
[DebuggerDisplay("{Kind} {ToString()}")]
internal readonly partial struct CelValue
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

    public CelKind Kind => _kind;

    public bool IsError => _kind == CelKind.Error;

    public bool IsNumber => _kind is CelKind.Int or CelKind.Uint or CelKind.Double;

    public bool Bool => _bits != 0;

    public long Int => _bits;

    public ulong Uint => (ulong)_bits;

    public double Double => BitConverter.Int64BitsToDouble(_bits);

    /// <summary>The text of a string, the name of a type. Made anew each time for a string of a JSON document.</summary>
    public string String => _reference is string text ? text : JsonText.String(Json);

    public byte[] Bytes => (byte[])_reference!;

    public CelDuration Duration => new(_bits);

    public CelTimestamp Timestamp => new(_bits, _extra, _short);

    public CelList List => _reference is CelList list ? list : new JsonList(Json);

    public CelMap Map => _reference is CelMap map ? map : new JsonMap(Json);

    public CelOptional Optional => (CelOptional)_reference!;

    public ICelObject Object => (ICelObject)_reference!;

    /// <summary>The number, of any of the three types.</summary>
    public CelNumber Number => _kind switch
    {
        CelKind.Int => CelNumber.Of(_bits),
        CelKind.Uint => CelNumber.Of((ulong)_bits),
        _ => CelNumber.Of(Double),
    };

    public EvalErrorKind ErrorKind => (EvalErrorKind)_short;

    /// <summary>The node where an error happened.</summary>
    public int ErrorNode => _extra;

    public static CelValue Null => new(CelKind.Null, null, 0);

    public static CelValue True => new(CelKind.Bool, null, 1);

    public static CelValue False => new(CelKind.Bool, null, 0);

    public static CelValue Of(bool value) => new(CelKind.Bool, null, value ? 1 : 0);

    public static CelValue Of(long value) => new(CelKind.Int, null, value);

    public static CelValue Of(ulong value) => new(CelKind.Uint, null, (long)value);

    public static CelValue Of(double value) => new(CelKind.Double, null, BitConverter.DoubleToInt64Bits(value));

    public static CelValue Of(string value) => new(CelKind.String, value, 0);

    public static CelValue Of(byte[] value) => new(CelKind.Bytes, value, 0);

    public static CelValue Of(CelList value) => new(CelKind.List, value, 0);

    public static CelValue Of(CelMap value) => new(CelKind.Map, value, 0);

    public static CelValue Of(CelDuration value) => new(CelKind.Duration, null, value.Nanoseconds);

    public static CelValue Of(CelTimestamp value) => new(CelKind.Timestamp, null, value.Seconds, value.Nanos, value.OffsetMinutes);

    public static CelValue Of(CelOptional value) => new(CelKind.Optional, value, 0);

    public static CelValue Of(ICelObject value) => new(CelKind.Object, value, 0);

    public static CelValue Of(CelNumber value) => value.Kind switch
    {
        CelNumberKind.Int => Of(value.Int),
        CelNumberKind.Uint => Of(value.Uint),
        _ => Of(value.Double),
    };

    public static CelValue TypeOf(string name) => new(CelKind.Type, name, 0);

    public static CelValue Error(EvalErrorKind kind, int node = 0, object? detail = null, long number = 0) =>
        new(CelKind.Error, detail, number, node, (short)kind);

    public static CelValue Error(CelErrorKind kind, int node = 0, object? detail = null) =>
        new(CelKind.Error, detail, (long)kind, node, (short)EvalErrorKind.Value);

    public static CelValue Failure(string message) => Error(EvalErrorKind.Message, 0, message);

    /// <summary>The same error at a node, unless it has one.</summary>
    public CelValue At(int node) => _extra == 0 ? new(_kind, _reference, _bits, node, _short) : this;

    /// <summary>The words of an error, made when they are asked for.</summary>
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
        EvalErrorKind.TooManySteps => "operation cancelled: actual cost limit exceeded",
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
