using System.Globalization;
using System.Text;
using Capstan.Cel.Values;

namespace Capstan.Cel.Tests.Values;

/// <summary>
/// Answers of cel-go to random questions, one a line. A few hundred are committed; CAPSTAN_CEL_ANSWERS names a file with more of the same form.
/// Text is UTF-8 in hexadecimal, a double its bits, an error '!' and its text in hexadecimal.
/// </summary>
public class CelGoAnswersTests
{
    private static readonly Lazy<ILookup<string, string[]>> Answers = new(() =>
        File.ReadLines(Environment.GetEnvironmentVariable("CAPSTAN_CEL_ANSWERS") ?? Path.Combine(AppContext.BaseDirectory, "Values", "cel-go-answers.tsv"))
            .Select(line => line.Split('\t')).ToLookup(fields => fields[0], fields => fields[1..]));

    [Theory]
    [InlineData("dur_parse")]
    [InlineData("dur_get")]
    [InlineData("ts_parse")]
    [InlineData("ts_zone")]
    [InlineData("ts_add")]
    [InlineData("ts_sub")]
    [InlineData("dbl")]
    [InlineData("cmp")]
    [InlineData("int")]
    [InlineData("uint")]
    [InlineData("shift")]
    [InlineData("num_parse")]
    [InlineData("text")]
    [InlineData("format")]
    [InlineData("base64")]
    [InlineData("trim1")]
    public void Agrees_with_cel_go(string question)
    {
        if (question == "ts_zone" && !CelTimeZone.TryFind("Europe/Berlin", out _)) Assert.Skip("no time zone data on this machine");
        var asked = 0;
        var wrong = new List<string>();
        foreach (var fields in Answers.Value[question])
        {
            asked++;
            var ours = Ours(question, fields);
            var theirs = string.Join(' ', fields[^(ours.Length)..]);
            if (theirs != string.Join(' ', ours)) wrong.Add($"{Readable(fields)}\n   cel-go {theirs}\n   ours   {string.Join(' ', ours)}");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{question}: {asked - wrong.Count} of {asked} agree");
        Assert.True(asked > 0, "no questions");
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {asked} differ:\n{string.Join('\n', wrong.Take(12))}");
    }

    private static string[] Ours(string question, string[] f) => question switch
    {
        "dur_parse" => [CelDuration.TryParse(Text(f[0]), out var d) ? N(d.Nanoseconds) : Error(CelErrorText.Conversion("string", "google.protobuf.Duration"))],
        "dur_get" => DurationFields(new(Int(f[0]))),
        "ts_parse" => TimestampFields(Text(f[0])),
        "ts_zone" => [Zone(new(Int(f[0]), (int)Int(f[1]), 0), Text(f[2]))],
        "ts_add" => Moved(new(Int(f[0]), (int)Int(f[1]), 0), new(Int(f[2]))),
        "ts_sub" => Between(new(Int(f[0]), (int)Int(f[1]), 0), new(Int(f[2]), 0, 0)),
        "dbl" => OfDouble(Double(f[0])),
        "cmp" => Comparisons(Int(f[0]), Uint(f[1]), Double(f[2]), Double(f[3])),
        "int" => OfInts(Int(f[0]), Int(f[1])),
        "uint" => OfUints(Uint(f[0]), Uint(f[1])),
        "shift" =>
        [
            CelMath.ShiftLeft(Int(f[0]), Int(f[1]), out var left) is var e and not CelErrorKind.None ? Error(CelErrorText.Of(e, Int(f[1]))) : N(left),
            CelMath.ShiftRight(Int(f[0]), Int(f[1]), out var right) is var e2 and not CelErrorKind.None ? Error(CelErrorText.Of(e2, Int(f[1]))) : N(right),
        ],
        "num_parse" =>
        [
            CelNumberText.TryReadInt(Text(f[0]), out var i) ? N(i) : Error(CelErrorText.Conversion("string", "int")),
            CelNumberText.TryReadUint(Text(f[0]), out var u) ? u.ToString(CultureInfo.InvariantCulture) : Error(CelErrorText.Conversion("string", "uint")),
            CelDoubleReader.TryRead(Text(f[0]), out var x) ? Bits(x) : Error(CelErrorText.Conversion("string", "double")),
        ],
        "text" => OfText(Text(f[0]), Text(f[1]), Text(f[2]), Int(f[3]), Int(f[4])),
        "format" => [Formatted(f[0], f[1], CelFormatStyle.Kubernetes), Formatted(f[0], f[1], CelFormatStyle.Current)],
        "base64" => [CelBase64.TryDecode(Text(f[0]), out var bytes, out var at) ? Convert.ToHexStringLower(bytes) : Error(CelErrorText.Of(CelErrorKind.InvalidBase64, at))],
        "trim1" => [Hex(CelText.Trim(Text(f[0]))), Hex(Quoted(Text(f[0])))],
        _ => throw new ArgumentException(question),
    };

    private static string[] DurationFields(CelDuration d) => [Hex(d.ToString()), N(d.GetHours()), N(d.GetMinutes()), N(d.GetSeconds()), N(d.GetMilliseconds(total: true))];

    private static string[] TimestampFields(string text)
    {
        var error = CelTimestamp.Parse(text, keepOffset: true, out var t);
        if (error == CelErrorKind.TypeConversion) return [Error(CelErrorText.Conversion("string", "google.protobuf.Timestamp")), ""];
        if (error != CelErrorKind.None) return [Error(CelErrorText.Of(error)), ""];
        return [Show(t), Hex(t.ToString()) + string.Concat(Enum.GetValues<CelTimeField>().Select(field => "," + N(t.Get(field))))];
    }

    private static string Zone(CelTimestamp t, string name) =>
        CelTimeZone.TryFind(name, out var zone) ? string.Concat(Enum.GetValues<CelTimeField>().Select(field => "," + N(t.Get(field, zone)))) : "!";

    private static string[] Moved(CelTimestamp t, CelDuration d) =>
    [
        t.TryAdd(d, out var later) ? Show(later) : Error(CelErrorText.Of(CelErrorKind.TimestampOverflow)),
        t.Subtract(d, out var earlier) is var e and not CelErrorKind.None ? Error(CelErrorText.Of(e)) : Show(earlier),
    ];

    private static string[] Between(CelTimestamp a, CelTimestamp b) =>
    [
        a.TrySubtract(b, out var d) ? N(d.Nanoseconds) : Error(CelErrorText.Of(CelErrorKind.IntOverflow)),
        b.TrySubtract(a, out var e) ? N(e.Nanoseconds) : Error(CelErrorText.Of(CelErrorKind.IntOverflow)),
    ];

    private static string[] OfDouble(double d) =>
    [
        Hex(CelNumberText.General(d)),
        CelNumbers.TryToInt(d, out var i) ? N(i) : Error(CelErrorText.Of(CelErrorKind.IntOverflow)),
        CelNumbers.TryToUint(d, out var u) ? N(u) : Error(CelErrorText.Of(CelErrorKind.UintOverflow)),
        Bits(CelMath.Round(d)), Bits(CelMath.Ceil(d)), Bits(CelMath.Floor(d)), Bits(CelMath.Trunc(d)), Bits(CelMath.Sign(d)), Bits(CelMath.Sqrt(d)),
    ];

    private static string[] Comparisons(long a, ulong m, double f, double g) =>
    [
        Order(CelNumber.Of(a), CelNumber.Of(f)), Order(CelNumber.Of(m), CelNumber.Of(f)), Order(CelNumber.Of(f), CelNumber.Of(g)), Order(CelNumber.Of(a), CelNumber.Of(m)),
        Order(CelNumber.Of(f), CelNumber.Of(a)), Order(CelNumber.Of(f), CelNumber.Of(m)), Order(CelNumber.Of(m), CelNumber.Of(a)),
        B(CelNumbers.AreEqual(a, f)), B(CelNumbers.AreEqual(m, f)), B(CelNumbers.AreEqual(a, m)),
    ];

    private static string Order(CelNumber a, CelNumber b) => CelNumber.TryCompare(a, b, out var order) ? N(order) : Error(CelErrorText.Of(CelErrorKind.NanOrdering));

    private static string[] OfInts(long a, long b) =>
    [
        CelNumbers.TryAdd(a, b, out var sum) ? N(sum) : IntOverflow, CelNumbers.TrySubtract(a, b, out var less) ? N(less) : IntOverflow,
        CelNumbers.TryMultiply(a, b, out var product) ? N(product) : IntOverflow,
        CelNumbers.Divide(a, b, out var quotient) is var e and not CelErrorKind.None ? Error(CelErrorText.Of(e)) : N(quotient),
        CelNumbers.Modulo(a, b, out var rest) is var e2 and not CelErrorKind.None ? Error(CelErrorText.Of(e2)) : N(rest),
        CelNumbers.TryNegate(a, out var negative) ? N(negative) : IntOverflow, a < 0 ? Error(CelErrorText.Of(CelErrorKind.UintOverflow)) : N(a),
    ];

    private static string IntOverflow => Error(CelErrorText.Of(CelErrorKind.IntOverflow));

    private static string UintOverflow => Error(CelErrorText.Of(CelErrorKind.UintOverflow));

    private static string[] OfUints(ulong a, ulong b) =>
    [
        CelNumbers.TryAdd(a, b, out var sum) ? N(sum) : UintOverflow, CelNumbers.TrySubtract(a, b, out var less) ? N(less) : UintOverflow,
        CelNumbers.TryMultiply(a, b, out var product) ? N(product) : UintOverflow,
        CelNumbers.Divide(a, b, out var quotient) is var e and not CelErrorKind.None ? Error(CelErrorText.Of(e)) : N(quotient),
        CelNumbers.Modulo(a, b, out var rest) is var e2 and not CelErrorKind.None ? Error(CelErrorText.Of(e2)) : N(rest),
        a > long.MaxValue ? IntOverflow : N(a),
    ];

    private static string[] OfText(string s, string t, string u, long a, long b)
    {
        var ours = new[]
        {
            N(CelText.Size(s)),
            CelText.TryCharAt(s, a, out var c) ? Hex(c) : Index(a),
            N(CelText.IndexOf(s, t)), CelText.TryIndexOf(s, t, a, strict: false, out var first) ? N(first) : Index(a),
            N(CelText.LastIndexOf(s, t)), CelText.TryLastIndexOf(s, t, a, strict: false, out var last) ? N(last) : Index(a),
            CelText.TrySubstring(s, a, out var rest) ? Hex(rest) : Index(a),
            CelText.Substring(s, a, b, out var part, out var wrong) switch
            {
                CelErrorKind.None => Hex(part),
                CelErrorKind.IndexOutOfRange => Index(wrong),
                var error => Error(CelErrorText.Of(error, a, b)),
            },
            CelText.TryReplace(s, t, u, -1, out var replaced) ? Hex(replaced) : "too large", CelText.TryReplace(s, t, u, a, out replaced) ? Hex(replaced) : "too large",
            List(CelText.Split(s, t, -1)), List(CelText.Split(s, t, a)),
            Hex(CelText.Trim(s)), Hex(CelText.Reverse(s)), Hex(CelText.LowerAscii(s)), Hex(CelText.UpperAscii(s)), Hex(CelText.Quote(s)),
            B(CelText.Compare(s, u) < 0),
            CelText.TryJoin([s, t, u], t, out var joined) ? Hex(joined) : "too large",
        };
        CheckUtf8(CelUtf8.Bytes(s), CelUtf8.Bytes(t), CelUtf8.Bytes(u), a, b, ours);
        return ours;
    }

    private static void CheckUtf8(byte[] s, byte[] t, byte[] u, long a, long b, string[] ours)
    {
        Assert.Equal(ours[0], N(CelUtf8.Size(s)));
        Assert.Equal(ours[1], CelUtf8.TryCharAt(s, a, out var range) ? Convert.ToHexStringLower(s[range]) : Index(a));
        Assert.Equal(ours[2], N(CelUtf8.IndexOf(s, t)));
        Assert.Equal(ours[3], CelUtf8.TryIndexOf(s, t, a, strict: false, out var first) ? N(first) : Index(a));
        Assert.Equal(ours[4], N(CelUtf8.LastIndexOf(s, t)));
        Assert.Equal(ours[5], CelUtf8.TryLastIndexOf(s, t, a, strict: false, out var last) ? N(last) : Index(a));
        Assert.Equal(ours[6], CelUtf8.TrySubstring(s, a, out range) ? Convert.ToHexStringLower(s[range]) : Index(a));
        if (CelUtf8.Substring(s, a, b, out range, out _) == CelErrorKind.None) Assert.Equal(ours[7], Convert.ToHexStringLower(s[range]));
        else Assert.StartsWith("!", ours[7], StringComparison.Ordinal);
        Assert.Equal(ours[12], Convert.ToHexStringLower(s[CelUtf8.Trim(s)]));
        Assert.Equal(ours[17], B(CelUtf8.Compare(s, u) < 0));
    }

    private static string Formatted(string format, string argument, CelFormatStyle style)
    {
        var list = argument[0] == 'l';
        var encoded = list ? argument[1..] : argument;
        var body = encoded[1..];
        var value = encoded[0] switch
        {
            'i' => FormatValue.Of(Int(body)),
            'u' => FormatValue.Of(Uint(body)),
            's' => FormatValue.Of(Text(body)),
            'y' => FormatValue.Of(Convert.FromHexString(body)),
            'b' => FormatValue.Of(true),
            _ => FormatValue.Of(Double(body)),
        };
        if (list) value = FormatValue.Of((FormatValue[])[value, value]);
        return CelFormat.TryFormat<FormatValue>(Text(format), [value], style, out var result, out var error) ? Hex(result) : Error(error);
    }

    private static string Quoted(string text)
    {
        Assert.True(CelFormat.TryFormat<FormatValue>("%s", [FormatValue.Of((FormatValue[])[FormatValue.Of(text)])], CelFormatStyle.Kubernetes, out var result, out _));
        return result[1..^1];
    }

    private static string Readable(string[] fields) => string.Join(' ', fields.Select(field => field.Length is > 0 and < 120 && field.Length % 2 == 0 && IsText(field) ? $"'{Text(field)}'" : field));

    private static bool IsText(string field) => field.All(c => c is >= '0' and <= '9' or >= 'a' and <= 'f') && !long.TryParse(field, out _);

    private static string Show(CelTimestamp t) => $"{t.Seconds}.{t.Nanos}";

    private static string Index(long index) => Error(CelErrorText.Of(CelErrorKind.IndexOutOfRange, index));

    private static string List(string[] parts) => "[" + string.Join(',', parts.Select(Hex)) + "]";

    private static string Error(string text) => "!" + Hex(text);

    private static string Hex(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));

    private static string Text(string hex) => Encoding.UTF8.GetString(Convert.FromHexString(hex));

    private static string N<T>(T number)
        where T : IFormattable => number.ToString(null, CultureInfo.InvariantCulture);

    private static string B(bool value) => value ? "true" : "false";

    private static string Bits(double value) => double.IsNaN(value) ? "nan" : BitConverter.DoubleToUInt64Bits(value).ToString("x", CultureInfo.InvariantCulture);

    private static long Int(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static ulong Uint(string text) => ulong.Parse(text, CultureInfo.InvariantCulture);

    private static double Double(string bits) => bits == "nan" ? double.NaN : BitConverter.UInt64BitsToDouble(ulong.Parse(bits, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
}
