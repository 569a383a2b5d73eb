using Capstan.Cel.Syntax;
using Capstan.Cel.Values;

namespace Capstan.Cel.Tests.Values;

/// <summary>CEL's functions by name over boxed values, each a call of the function that is to be tested.</summary>
internal static class LiteralFunctions
{
    public static object? Call(string function, object?[] a, bool method) => function switch
    {
        Operators.Equals => LiteralEvaluator.Equals(a[0], a[1]),
        Operators.NotEquals => !LiteralEvaluator.Equals(a[0], a[1]),
        Operators.Not when a is [bool x] => !x,
        Operators.Less => Compare(a[0], a[1]) < 0,
        Operators.LessEquals => Compare(a[0], a[1]) <= 0,
        Operators.Greater => Compare(a[0], a[1]) > 0,
        Operators.GreaterEquals => Compare(a[0], a[1]) >= 0,
        Operators.In when a[1] is object?[] list => list.Any(element => LiteralEvaluator.Equals(a[0], element)),
        Operators.In when a[1] is (object?, object?)[] map => map.Any(entry => LiteralEvaluator.Equals(a[0], entry.Item1)),
        Operators.Add or Operators.Subtract or Operators.Multiply or Operators.Divide or Operators.Modulo or Operators.Negate => Arithmetic(function, a),
        "dyn" => a[0],
        "size" when a is [string s] => CelUtf8.Size(CelUtf8.Bytes(s)) is var size && size == CelText.Size(s) ? size : throw new InvalidOperationException("sizes differ"),
        "size" when a is [byte[] b] => (long)b.Length,
        "int" or "uint" or "double" or "string" or "bytes" or "bool" or "timestamp" or "duration" when a.Length == 1 && !method => Convert(function, a[0]),
        "type" => throw new BeyondLiterals("type"),
        "matches" => throw new BeyondLiterals("matches"),
        _ when function.StartsWith("get", StringComparison.Ordinal) => Getter(function, a),
        _ when function.StartsWith("math.", StringComparison.Ordinal) => LiteralMath.Call(function["math.".Length..], a),
        _ => Text(function, a),
    };

    private static int Compare(object? left, object? right)
    {
        if (LiteralEvaluator.Number(left) is { } x && LiteralEvaluator.Number(right) is { } y)
            return CelNumber.TryCompare(x, y, out var order) ? order : throw Failure(CelErrorKind.NanOrdering);
        return (left, right) switch
        {
            (bool a, bool b) => a.CompareTo(b),
            (string a, string b) => CelText.Compare(a, b),
            (byte[] a, byte[] b) => CelUtf8.Compare(a, b),
            (CelTimestamp a, CelTimestamp b) => a.CompareTo(b),
            (CelDuration a, CelDuration b) => a.CompareTo(b),
            _ => throw NoOverload(),
        };
    }

    private static object Arithmetic(string op, object?[] a)
    {
        switch (op, a)
        {
            case (Operators.Negate, [long x]): return CelNumbers.TryNegate(x, out var negated) ? negated : throw Failure(CelErrorKind.IntOverflow);
            case (Operators.Negate, [double x]): return -x;
            case (Operators.Add, [long x, long y]): return CelNumbers.TryAdd(x, y, out var i) ? i : throw Failure(CelErrorKind.IntOverflow);
            case (Operators.Subtract, [long x, long y]): return CelNumbers.TrySubtract(x, y, out i) ? i : throw Failure(CelErrorKind.IntOverflow);
            case (Operators.Multiply, [long x, long y]): return CelNumbers.TryMultiply(x, y, out i) ? i : throw Failure(CelErrorKind.IntOverflow);
            case (Operators.Divide, [long x, long y]): return Checked(CelNumbers.Divide(x, y, out i), i);
            case (Operators.Modulo, [long x, long y]): return Checked(CelNumbers.Modulo(x, y, out i), i);
            case (Operators.Add, [ulong x, ulong y]): return CelNumbers.TryAdd(x, y, out var u) ? u : throw Failure(CelErrorKind.UintOverflow);
            case (Operators.Subtract, [ulong x, ulong y]): return CelNumbers.TrySubtract(x, y, out u) ? u : throw Failure(CelErrorKind.UintOverflow);
            case (Operators.Multiply, [ulong x, ulong y]): return CelNumbers.TryMultiply(x, y, out u) ? u : throw Failure(CelErrorKind.UintOverflow);
            case (Operators.Divide, [ulong x, ulong y]): return Checked(CelNumbers.Divide(x, y, out u), u);
            case (Operators.Modulo, [ulong x, ulong y]): return Checked(CelNumbers.Modulo(x, y, out u), u);
            case (Operators.Add, [double x, double y]): return x + y;
            case (Operators.Subtract, [double x, double y]): return x - y;
            case (Operators.Multiply, [double x, double y]): return x * y;
            case (Operators.Divide, [double x, double y]): return x / y;
            case (Operators.Add, [string x, string y]): return x + y;
            case (Operators.Add, [byte[] x, byte[] y]): return (byte[])[.. x, .. y];
            case (Operators.Add, [CelTimestamp x, CelDuration y]): return x.TryAdd(y, out var t) ? t : throw Failure(CelErrorKind.TimestampOverflow);
            case (Operators.Add, [CelDuration y, CelTimestamp x]): return x.TryAdd(y, out t) ? t : throw Failure(CelErrorKind.TimestampOverflow);
            case (Operators.Add, [CelDuration x, CelDuration y]): return x.TryAdd(y, out var d) ? d : throw Failure(CelErrorKind.IntOverflow);
            case (Operators.Subtract, [CelTimestamp x, CelDuration y]): return Checked(x.Subtract(y, out t), t);
            case (Operators.Subtract, [CelTimestamp x, CelTimestamp y]): return x.TrySubtract(y, out d) ? d : throw Failure(CelErrorKind.IntOverflow);
            case (Operators.Subtract, [CelDuration x, CelDuration y]): return x.TrySubtract(y, out d) ? d : throw Failure(CelErrorKind.IntOverflow);
            default: throw NoOverload();
        }
    }

    private static object Convert(string to, object? from) => (to, from) switch
    {
        ("int", long) or ("uint", ulong) or ("double", double) or ("string", string) or ("bytes", byte[]) or ("bool", bool) or ("timestamp", CelTimestamp) or ("duration", CelDuration) => from,
        ("int", ulong x) => x <= long.MaxValue ? (long)x : throw Failure(CelErrorKind.IntOverflow),
        ("int", double x) => CelNumbers.TryToInt(x, out var i) ? i : throw Failure(CelErrorKind.IntOverflow),
        ("int", string x) => CelNumberText.TryReadInt(x, out var i) ? i : throw Failure(CelErrorKind.TypeConversion),
        ("int", CelTimestamp x) => x.Seconds,
        ("uint", long x) => x >= 0 ? (ulong)x : throw Failure(CelErrorKind.UintOverflow),
        ("uint", double x) => CelNumbers.TryToUint(x, out var u) ? u : throw Failure(CelErrorKind.UintOverflow),
        ("uint", string x) => CelNumberText.TryReadUint(x, out var u) ? u : throw Failure(CelErrorKind.TypeConversion),
        ("double", long x) => (double)x,
        ("double", ulong x) => (double)x,
        ("double", string x) => CelDoubleReader.TryRead(x, out var d) ? d : throw Failure(CelErrorKind.TypeConversion),
        ("string", long or ulong) => ((IFormattable)from).ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        ("string", double x) => CelNumberText.General(x),
        ("string", bool x) => x ? "true" : "false",
        ("string", byte[] x) => CelUtf8.TryString(x, out var s) ? s : throw Failure(CelErrorKind.InvalidUtf8),
        ("string", CelTimestamp or CelDuration) => from.ToString()!,
        ("bytes", string x) => CelUtf8.Bytes(x),
        ("bool", string x) => CelNumberText.TryReadBool(x, out var b) ? b : throw Failure(CelErrorKind.TypeConversion),
        ("timestamp", long x) => CelTimestamp.TryCreate(x, 0, out var t) ? t : throw Failure(CelErrorKind.TimestampOverflow),
        ("timestamp", string x) => Checked(CelTimestamp.Parse(x, keepOffset: false, out var t), t),
        ("duration", string x) => CelDuration.TryParse(x, out var d) ? d : throw Failure(CelErrorKind.TypeConversion),
        _ => throw NoOverload(),
    };

    private static object Getter(string function, object?[] a)
    {
        if (a is [CelDuration d])
        {
            return function switch
            {
                "getHours" => d.GetHours(),
                "getMinutes" => d.GetMinutes(),
                "getSeconds" => d.GetSeconds(),
                "getMilliseconds" => d.GetMilliseconds(total: false),
                _ => throw NoOverload(),
            };
        }

        if (!Enum.TryParse<CelTimeField>(function.AsSpan(3), out var field)) throw NoOverload();
        if (a is [CelTimestamp t]) return t.Get(field);
        if (a is not [CelTimestamp at, string name]) throw NoOverload();
        return CelTimeZone.TryFind(name, out var zone) ? at.Get(field, zone) : throw Failure(CelErrorKind.UnknownTimeZone);
    }

    private static object Text(string function, object?[] a)
    {
        switch (function, a)
        {
            case ("startsWith", [string s, string t]): return s.StartsWith(t, StringComparison.Ordinal);
            case ("endsWith", [string s, string t]): return s.EndsWith(t, StringComparison.Ordinal);
            case ("contains", [string s, string t]): return s.Contains(t, StringComparison.Ordinal);
            case ("charAt", [string s, long i]): return CelText.TryCharAt(s, i, out var result) ? result : throw Index(i);
            case ("indexOf", [string s, string t]): return CelText.IndexOf(s, t);
            case ("indexOf", [string s, string t, long i]): return CelText.TryIndexOf(s, t, i, strict: true, out var index) ? index : throw Index(i);
            case ("lastIndexOf", [string s, string t]): return CelText.LastIndexOf(s, t);
            case ("lastIndexOf", [string s, string t, long i]): return CelText.TryLastIndexOf(s, t, i, strict: true, out index) ? index : throw Index(i);
            case ("lowerAscii", [string s]): return CelText.LowerAscii(s);
            case ("upperAscii", [string s]): return CelText.UpperAscii(s);
            case ("replace", [string s, string t, string u]): return CelText.TryReplace(s, t, u, -1, out result) ? result : throw Failure(CelErrorKind.ResultTooLarge);
            case ("replace", [string s, string t, string u, long n]): return CelText.TryReplace(s, t, u, n, out result) ? result : throw Failure(CelErrorKind.ResultTooLarge);
            case ("split", [string s, string t]): return CelText.Split(s, t, -1).ToArray<object?>();
            case ("split", [string s, string t, long n]): return CelText.Split(s, t, n).ToArray<object?>();
            case ("substring", [string s, long i]): return CelText.TrySubstring(s, i, out result) ? result : throw Index(i);
            case ("substring", [string s, long i, long j]):
                return CelText.Substring(s, i, j, out result, out var wrong) switch
                {
                    CelErrorKind.None => result,
                    CelErrorKind.IndexOutOfRange => throw Index(wrong),
                    var error => throw new CelFailure(CelErrorText.Of(error, i, j)),
                };
            case ("trim", [string s]): return CelText.Trim(s);
            case ("reverse", [string s]): return CelText.Reverse(s);
            case ("join", [object?[] list]): return CelText.TryJoin([.. list.Cast<string>()], "", out result) ? result : throw Failure(CelErrorKind.ResultTooLarge);
            case ("join", [object?[] list, string t]): return CelText.TryJoin([.. list.Cast<string>()], t, out result) ? result : throw Failure(CelErrorKind.ResultTooLarge);
            case ("strings.quote", [string s]): return CelText.Quote(s);
            case ("base64.encode", [byte[] b]): return CelBase64.Encode(b);
            case ("base64.decode", [string s]): return CelBase64.TryDecode(s, out var bytes, out var at) ? bytes : throw new CelFailure(CelErrorText.Of(CelErrorKind.InvalidBase64, at));
            case ("format", [string s, object?[] list]):
                return CelFormat.TryFormat<FormatValue>(s, [.. list.Select(Formattable)], CelFormatStyle.Current, out result, out var why) ? result : throw new CelFailure(why);
            default: throw NoOverload();
        }
    }

    private static FormatValue Formattable(object? value) => value switch
    {
        object?[] list => FormatValue.Of(list.Select(Formattable).ToArray()),
        (object?, object?)[] map => FormatValue.Of(map.Select(entry => (Formattable(entry.Item1), Formattable(entry.Item2))).ToArray()),
        _ => FormatValue.Of(value),
    };

    internal static T Checked<T>(CelErrorKind error, T value) => error == CelErrorKind.None ? value : throw Failure(error);

    internal static CelFailure NoOverload() => new("no such overload");

    private static CelFailure Failure(CelErrorKind kind) => new(CelErrorText.Of(kind));

    private static CelFailure Index(long index) => new(CelErrorText.Of(CelErrorKind.IndexOutOfRange, index));
}
