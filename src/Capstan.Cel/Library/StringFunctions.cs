using Capstan.Cel.Evaluation;
using Capstan.Cel.Values;

namespace Capstan.Cel.Library;

/// <summary>The strings extension. Its versions are cel-go's: each has the functions of those before.</summary>
internal static class StringFunctions
{
    public const string Format = "format";

    public const string FormatOverload = "string_format";

    // Formats of numbers and times are written in another way from here on.
    private const int NewFormats = 4;

    /// <summary>The version that a function is there from.</summary>
    public static int IntroducedIn(string function) => function switch
    {
        Format or "strings.quote" => 1,
        "reverse" => 3,
        _ => 0,
    };

    public static void Declare(FunctionSet set, int version)
    {
        var specification = set.IsSpecification;
        Add(set, "charAt", "si", a => CelText.TryCharAt(a[0].String, a[1].Int, out var c) ? CelValue.Of(c) : OutOfRange(a[1].Int));
        Add(set, "indexOf", "ss", a => CelValue.Of(CelText.IndexOf(a[0].String, a[1].String)));
        Add(set, "indexOf", "ssi", a => CelText.TryIndexOf(a[0].String, a[1].String, a[2].Int, specification, out var at) ? CelValue.Of(at) : OutOfRange(a[2].Int));
        Add(set, "lastIndexOf", "ss", a => CelValue.Of(CelText.LastIndexOf(a[0].String, a[1].String)));
        Add(set, "lastIndexOf", "ssi", a =>
            CelText.TryLastIndexOf(a[0].String, a[1].String, a[2].Int, specification, out var at) ? CelValue.Of(at) : OutOfRange(a[2].Int));
        Add(set, "lowerAscii", "s", a => CelValue.Of(CelText.LowerAscii(a[0].String)));
        Add(set, "upperAscii", "s", a => CelValue.Of(CelText.UpperAscii(a[0].String)));
        Add(set, "trim", "s", a => CelValue.Of(CelText.Trim(a[0].String)));
        Add(set, "replace", "sss", a => Replace(a, -1));
        Add(set, "replace", "sssi", a => Replace(a, a[3].Int));
        Add(set, "split", "ss", a => Split(a, -1));
        Add(set, "split", "ssi", a => Split(a, a[2].Int));
        Add(set, "substring", "si", a => CelText.TrySubstring(a[0].String, a[1].Int, out var part) ? CelValue.Of(part) : OutOfRange(a[1].Int));
        Add(set, "substring", "sii", Substring);
        Add(set, "join", "l", a => Join(a[0].List, ""));
        Add(set, "join", "ls", a => Join(a[0].List, a[1].String));
        if (version >= IntroducedIn(Format))
        {
            var style = specification || version >= NewFormats ? CelFormatStyle.Current : CelFormatStyle.Kubernetes;
            Add(set, Format, "sl", a => Formatted(a, style));
            set.Global("strings.quote", 1, a => a[0].Kind == CelKind.String ? CelValue.Of(CelText.Quote(a[0].String)) : FunctionSet.NoOverload("strings.quote"));
        }

        if (version >= IntroducedIn("reverse"))
        {
            Add(set, "reverse", "s", a => CelValue.Of(CelText.Reverse(a[0].String)));
        }
    }

    // The signature: a letter for each argument, the receiver first.
    private static void Add(FunctionSet set, string name, string signature, CelFunction function) => set.Member(name, signature.Length - 1, a =>
    {
        for (var i = 0; i < signature.Length; i++)
        {
            if (a[i].Kind != (signature[i] switch { 's' => CelKind.String, 'i' => CelKind.Int, _ => CelKind.List }))
            {
                return FunctionSet.NoOverload(name);
            }
        }

        return function(a);
    });

    private static CelValue OutOfRange(long index) => CelValue.Failure(CelErrorText.Of(CelErrorKind.IndexOutOfRange, index));

    private static CelValue Substring(ReadOnlySpan<CelValue> a)
    {
        var error = CelText.Substring(a[0].String, a[1].Int, a[2].Int, out var part, out var wrong);
        return error switch
        {
            CelErrorKind.None => CelValue.Of(part),
            CelErrorKind.IndexOutOfRange => OutOfRange(wrong),
            _ => CelValue.Failure(CelErrorText.Of(error, a[1].Int, a[2].Int)),
        };
    }

    private static CelValue Replace(ReadOnlySpan<CelValue> a, long limit) =>
        CelText.TryReplace(a[0].String, a[1].String, a[2].String, limit, out var text) ? CelValue.Of(text) : CelValue.Error(CelErrorKind.ResultTooLarge);

    private static CelValue Split(ReadOnlySpan<CelValue> a, long limit) =>
        CelValue.Of(CelList.Of([.. CelText.Split(a[0].String, a[1].String, limit).Select(CelValue.Of)]));

    private static CelValue Join(CelList list, string separator)
    {
        var parts = new string[list.Count];
        for (var i = 0; i < parts.Length; i++)
        {
            if (list[i].Kind != CelKind.String)
            {
                // The first element chooses the overload.
                return i == 0 ? FunctionSet.NoOverload("join") : CelValue.Failure($"join: invalid input: {list[i]}");
            }

            parts[i] = list[i].String;
        }

        return CelText.TryJoin(parts, separator, out var text) ? CelValue.Of(text) : CelValue.Error(CelErrorKind.ResultTooLarge);
    }

    private static CelValue Formatted(ReadOnlySpan<CelValue> a, CelFormatStyle style)
    {
        var arguments = Array.ConvertAll(a[1].List.ToArray(), v => new FormatValue(v));
        return CelFormat.TryFormat<FormatValue>(a[0].String, arguments, style, out var text, out var error) ? CelValue.Of(text) : CelValue.Failure(error);
    }
}
