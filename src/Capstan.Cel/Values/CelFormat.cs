using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Capstan.Cel.Values;

/// <summary>Which formatter of the strings extension.</summary>
internal enum CelFormatStyle
{
    /// <summary>Up to version 3, which Kubernetes pins: values in lists as CEL literals, doubles grouped, <c>3.140000×10⁰⁰</c>.</summary>
    Kubernetes,

    /// <summary>Version 4, which the specification's tests want: values in lists as they print alone, <c>3.140000e+00</c>.</summary>
    Current,
}

/// <summary><c>string.format(list)</c>: the verbs <c>%s %d %f %e %b %x %X %o</c>, a precision such as <c>%.3f</c>, and <c>%%</c>.</summary>
internal static class CelFormat
{
    /// <summary>A double has no more decimals than this; a longer precision would only ask for memory.</summary>
    public const int MaxPrecision = 1074;

    /// <summary>Lists and maps within each other; deeper ones are an error and not the end of the stack.</summary>
    public const int MaxDepth = 250;

    /// <summary>Formats. False: <paramref name="error"/> says why, in cel-go's words.</summary>
    public static bool TryFormat<T>(string format, ReadOnlySpan<T> arguments, CelFormatStyle style, out string result, [NotNullWhen(false)] out string? error)
        where T : ICelFormatValue<T>
    {
        result = "";
        var text = new StringBuilder();
        var next = 0;
        for (var at = 0; at < format.Length;)
        {
            var percent = format.IndexOf('%', at);
            if (percent < 0) percent = format.Length;
            text.Append(format, at, percent - at);
            at = percent + 1;
            if (percent == format.Length) break;
            if (at < format.Length && format[at] == '%')
            {
                text.Append('%');
                at++;
                continue;
            }

            if (next >= arguments.Length) return Fail($"index {next} out of range", out error);
            if (at >= format.Length) return Fail("unexpected end of string", out error);
            if (!TryReadClause(format, ref at, out var verb, out var precision, out error)) return false;
            if (!TryVerb(verb, precision, arguments[next++], style, text, out error)) return false;
            if (text.Length > CelText.MaxLength) return Fail(CelErrorText.Of(CelErrorKind.ResultTooLarge), out error);
        }

        result = text.ToString();
        error = null;
        return true;
    }

    /// <summary>Reads what follows a percent sign: a precision perhaps, and a verb.</summary>
    public static bool TryReadClause(string format, ref int at, out char verb, out int precision, [NotNullWhen(false)] out string? error)
    {
        verb = default;
        if (!TryReadPrecision(format, ref at, out precision, out error)) return Fail("could not parse formatting clause: error while parsing precision: " + error, out error);
        verb = format[at++];
        return "sdfebxXo".Contains(verb, StringComparison.Ordinal)
            || Fail($"could not parse formatting clause: unrecognized formatting clause \"{FirstByte(verb)}\"", out error);
    }

    private static bool TryReadPrecision(string format, ref int at, out int precision, [NotNullWhen(false)] out string? error)
    {
        precision = 6;
        error = null;
        if (format[at] != '.') return true;
        var start = ++at;
        while (at < format.Length && char.IsAsciiDigit(format[at])) at++;
        if (at == format.Length) return Fail("could not find end of precision specifier", out error);
        var digits = format.AsSpan(start, at - start);
        if (digits.IsEmpty) return Fail("error while converting precision to integer: strconv.Atoi: parsing \"\": invalid syntax", out error);
        if (!CelNumberText.TryReadInt(digits, out var value)) return Fail($"error while converting precision to integer: strconv.Atoi: parsing \"{digits}\": value out of range", out error);
        if (value > MaxPrecision) return Fail($"precision {value} is greater than {MaxPrecision}", out error);
        precision = (int)value;
        return true;
    }

    private static bool TryVerb<T>(char verb, int precision, T value, CelFormatStyle style, StringBuilder text, [NotNullWhen(false)] out string? error)
        where T : ICelFormatValue<T>
    {
        error = null;
        bool done;
        switch (verb)
        {
            case 's':
                done = style == CelFormatStyle.Kubernetes ? LiteralFormat.TryWrite(value, text, out error) : PlainFormat.TryWrite(value, text, 0, out error);
                break;
            case 'd':
                done = TryDecimal(value, style, text);
                break;
            case 'f' or 'e':
                done = TryDouble(verb, precision, value, style, text);
                break;
            case 'b':
                done = TryBinary(value, text);
                break;
            case 'x' or 'X':
                done = TryHex(value, verb == 'X', text);
                break;
            default:
                done = TryInteger(value, 8, text);
                break;
        }

        return done || Fail("error during formatting: " + (error ?? Refusal(verb, style, value.TypeName)), out error);
    }

    private static bool TryDecimal<T>(T value, CelFormatStyle style, StringBuilder text)
        where T : ICelFormatValue<T>
    {
        if (value.Kind == CelFormatKind.Double && style == CelFormatStyle.Current)
        {
            text.Append(PlainFormat.DoubleText(value.Double));
            return true;
        }

        return TryInteger(value, 10, text);
    }

    private static bool TryDouble<T>(char verb, int precision, T value, CelFormatStyle style, StringBuilder text)
        where T : ICelFormatValue<T>
    {
        double number;
        switch (value.Kind, style)
        {
            case (CelFormatKind.Double, _):
                number = value.Double;
                break;
            case (CelFormatKind.Int, CelFormatStyle.Current):
                number = value.Int;
                break;
            case (CelFormatKind.Uint, CelFormatStyle.Current):
                number = value.Uint;
                break;
            case (CelFormatKind.String, CelFormatStyle.Kubernetes) when value.String is "NaN" or "Infinity" or "-Infinity":
                CelDoubleReader.TryRead(value.String, out number);
                break;
            default:
                return false;
        }

        if (style == CelFormatStyle.Kubernetes && verb == 'f') LiteralFormat.AppendFixed(number, precision, text);
        else if (style == CelFormatStyle.Kubernetes) LiteralFormat.AppendScientific(number, precision, text);
        else if (!double.IsFinite(number)) text.Append(PlainFormat.DoubleText(number));
        else text.Append(verb == 'f' ? CelNumberText.Fixed(number, precision, grouped: false) : CelNumberText.Scientific(number, precision));
        return true;
    }

    private static bool TryBinary<T>(T value, StringBuilder text)
        where T : ICelFormatValue<T>
    {
        if (value.Kind != CelFormatKind.Bool) return TryInteger(value, 2, text);
        text.Append(value.Bool ? '1' : '0');
        return true;
    }

    private static bool TryHex<T>(T value, bool upper, StringBuilder text)
        where T : ICelFormatValue<T>
    {
        if (value.Kind is not (CelFormatKind.String or CelFormatKind.Bytes)) return TryInteger(value, upper ? -16 : 16, text);
        var bytes = value.Kind == CelFormatKind.Bytes ? value.Bytes : CelUtf8.Bytes(value.String);
        text.Append(upper ? Convert.ToHexString(bytes) : Convert.ToHexStringLower(bytes));
        return true;
    }

    // Negative ints have a sign and their magnitude in any base; base -16 has capital letters.
    private static bool TryInteger<T>(T value, int radix, StringBuilder text)
        where T : ICelFormatValue<T>
    {
        if (value.Kind is not (CelFormatKind.Int or CelFormatKind.Uint)) return false;
        var magnitude = value.Kind == CelFormatKind.Uint ? value.Uint : value.Int < 0 ? unchecked(0UL - (ulong)value.Int) : (ulong)value.Int;
        if (value.Kind == CelFormatKind.Int && value.Int < 0) text.Append('-');
        Span<char> digits = stackalloc char[64];
        var first = digits.Length;
        var by = (ulong)Math.Abs(radix);
        do
        {
            digits[--first] = (radix < 0 ? "0123456789ABCDEF" : "0123456789abcdef")[(int)(magnitude % by)];
            magnitude /= by;
        }
        while (magnitude != 0);
        text.Append(digits[first..]);
        return true;
    }

    /// <summary>Why a verb does not take a value of some type.</summary>
    public static string Refusal(char verb, CelFormatStyle style, string type) => (verb, style) switch
    {
        ('s', CelFormatStyle.Kubernetes) => LiteralFormat.Refusal(type),
        ('d', CelFormatStyle.Kubernetes) => $"decimal clause can only be used on integers, was given {type}",
        ('d', _) => $"decimal clause can only be used on ints, uints, and doubles, was given {type}",
        ('f', CelFormatStyle.Kubernetes) => $"fixed-point clause can only be used on doubles, was given {type}",
        ('f', _) => $"fixed-point clause can only be used on ints, uints, and doubles, was given {type}",
        ('e', CelFormatStyle.Kubernetes) => $"scientific clause can only be used on doubles, was given {type}",
        ('e', _) => $"scientific clause can only be used on ints, uints, and doubles, was given {type}",
        ('b', CelFormatStyle.Kubernetes) => $"only integers and bools can be formatted as binary, was given {type}",
        ('b', _) => $"only ints, uints, and bools can be formatted as binary, was given {type}",
        ('o', CelFormatStyle.Kubernetes) => $"octal clause can only be used on integers, was given {type}",
        ('o', _) => $"octal clause can only be used on ints and uints, was given {type}",
        (_, CelFormatStyle.Kubernetes) => $"only integers, byte buffers, and strings can be formatted as hex, was given {type}",
        _ => $"only ints, uints, bytes, and strings can be formatted as hex, was given {type}",
    };

    // cel-go looks at the bytes of the format: of other than ASCII it names the first byte.
    private static char FirstByte(char verb) => verb < 0x80 ? verb : (char)CelUtf8.Bytes(verb.ToString())[0];

    private static bool Fail(string text, out string error)
    {
        error = text;
        return false;
    }
}
