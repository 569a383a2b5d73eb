using Capstan.Cel.Values;

namespace Capstan.Cel.Library;

/// <summary>The functions that are named as types, <c>dyn</c> and <c>type</c>.</summary>
internal static class Conversions
{
    public static void Declare(FunctionSet set)
    {
        var specification = set.IsSpecification;
        set.Type("int", "uint", "double", "bool", "string", "bytes", "list", "map", "null_type", "type");
        set.Type("google.protobuf.Timestamp", "google.protobuf.Duration");
        set.Global("dyn", 1, a => a[0]);
        set.Global("type", 1, a => CelValue.TypeOf(a[0].TypeName));
        set.Global("int", 1, a => ToInt(a[0]));
        set.Global("uint", 1, a => ToUint(a[0]));
        set.Global("double", 1, a => ToDouble(a[0]));
        set.Global("bool", 1, a => ToBool(a[0]));
        set.Global("string", 1, a => ToText(a[0]));
        set.Global("bytes", 1, a => a[0].Kind switch
        {
            CelKind.Bytes => a[0],
            CelKind.String => CelValue.Of(CelUtf8.Bytes(a[0].String)),
            _ => FunctionSet.NoOverload("bytes"),
        });
        set.Global("timestamp", 1, a => ToTimestamp(a[0], keepOffset: !specification));
        set.Global("duration", 1, a => a[0].Kind switch
        {
            CelKind.Duration => a[0],
            CelKind.String => CelDuration.TryParse(a[0].String, out var d) ? CelValue.Of(d) : Impossible(a[0], "google.protobuf.Duration"),
            _ => FunctionSet.NoOverload("duration"),
        });
    }

    private static CelValue Impossible(in CelValue value, string type) =>
        CelValue.Error(CelErrorKind.TypeConversion, 0, CelErrorText.Conversion(value.TypeName, type));

    private static CelValue ToInt(in CelValue a) => a.Kind switch
    {
        CelKind.Int => a,
        CelKind.Uint => a.Uint <= long.MaxValue ? CelValue.Of((long)a.Uint) : CelValue.Error(CelErrorKind.IntOverflow),
        CelKind.Double => CelNumbers.TryToInt(a.Double, out var d) ? CelValue.Of(d) : CelValue.Error(CelErrorKind.IntOverflow),
        CelKind.String => CelNumberText.TryReadInt(a.String, out var s) ? CelValue.Of(s) : Impossible(a, "int"),
        CelKind.Timestamp => CelValue.Of(a.Timestamp.Seconds),
        CelKind.Duration => CelValue.Of(a.Duration.Nanoseconds),
        _ => FunctionSet.NoOverload("int"),
    };

    private static CelValue ToUint(in CelValue a) => a.Kind switch
    {
        CelKind.Uint => a,
        CelKind.Int => a.Int >= 0 ? CelValue.Of((ulong)a.Int) : CelValue.Error(CelErrorKind.UintOverflow),
        CelKind.Double => CelNumbers.TryToUint(a.Double, out var d) ? CelValue.Of(d) : CelValue.Error(CelErrorKind.UintOverflow),
        CelKind.String => CelNumberText.TryReadUint(a.String, out var s) ? CelValue.Of(s) : Impossible(a, "uint"),
        _ => FunctionSet.NoOverload("uint"),
    };

    private static CelValue ToDouble(in CelValue a) => a.Kind switch
    {
        CelKind.Double => a,
        CelKind.Int => CelValue.Of((double)a.Int),
        CelKind.Uint => CelValue.Of((double)a.Uint),
        CelKind.String => CelDoubleReader.TryRead(a.String, out var s) ? CelValue.Of(s) : Impossible(a, "double"),
        _ => FunctionSet.NoOverload("double"),
    };

    private static CelValue ToBool(in CelValue a) => a.Kind switch
    {
        CelKind.Bool => a,
        CelKind.String => CelNumberText.TryReadBool(a.String, out var s) ? CelValue.Of(s) : Impossible(a, "bool"),
        _ => FunctionSet.NoOverload("bool"),
    };

    private static CelValue ToText(in CelValue a) => a.Kind switch
    {
        CelKind.String => a,
        CelKind.Bool or CelKind.Int or CelKind.Uint or CelKind.Double or CelKind.Timestamp or CelKind.Duration => CelValue.Of(a.ToString()),
        CelKind.Bytes => CelUtf8.TryString(a.Bytes, out var text) ? CelValue.Of(text) : CelValue.Error(CelErrorKind.InvalidUtf8),
        _ => FunctionSet.NoOverload("string"),
    };

    private static CelValue ToTimestamp(in CelValue a, bool keepOffset)
    {
        switch (a.Kind)
        {
            case CelKind.Timestamp: return a;
            case CelKind.Int: return CelTimestamp.TryCreate(a.Int, 0, out var t) ? CelValue.Of(t) : CelValue.Error(CelErrorKind.TimestampOverflow);
            case CelKind.String:
                var error = CelTimestamp.Parse(a.String, keepOffset, out var read);
                return error == CelErrorKind.None ? CelValue.Of(read)
                    : error == CelErrorKind.TypeConversion ? Impossible(a, "google.protobuf.Timestamp") : CelValue.Error(error);
            default: return FunctionSet.NoOverload("timestamp");
        }
    }
}
