using Capstan.Cel.Regex;
using Capstan.Cel.Values;

namespace Capstan.Cel.Library;

/// <summary><c>size</c>, <c>contains</c>, <c>startsWith</c>, <c>endsWith</c> and <c>matches</c>.</summary>
internal static class StandardFunctions
{
    public static void Declare(FunctionSet set)
    {
        set.Global("size", 1, a => Size(a[0]));
        set.Member("size", 0, a => Size(a[0]));
        set.Member("contains", 1, a => Test("contains", a, (x, y) => x.IndexOf(y) >= 0, (x, y) => x.Contains(y, StringComparison.Ordinal)));
        set.Member("startsWith", 1, a => Test("startsWith", a, (x, y) => x.StartsWith(y), (x, y) => x.StartsWith(y, StringComparison.Ordinal)));
        set.Member("endsWith", 1, a => Test("endsWith", a, (x, y) => x.EndsWith(y), (x, y) => x.EndsWith(y, StringComparison.Ordinal)));
        var patterns = new PatternCache();
        set.Global("matches", 2, a => Matches(a[0], a[1], patterns));
        set.Member("matches", 1, a => Matches(a[0], a[1], patterns));
    }

    private delegate bool Utf8Test(ReadOnlySpan<byte> text, ReadOnlySpan<byte> part);

    private static CelValue Size(in CelValue a) => a.Kind switch
    {
        CelKind.String => CelValue.Of(a.TextSize),
        CelKind.Bytes => CelValue.Of((long)a.Bytes.Length),
        CelKind.List => CelValue.Of((long)a.Count),
        CelKind.Map => CelValue.Of((long)a.Count),
        _ => FunctionSet.NoOverload("size"),
    };

    private static CelValue Test(string name, ReadOnlySpan<CelValue> a, Utf8Test utf8Test, Func<string, string, bool> test)
    {
        if (a[0].Kind != CelKind.String || a[1].Kind != CelKind.String)
        {
            return FunctionSet.NoOverload(name);
        }

        if (!a[0].TryUtf8(out var text))
        {
            return CelValue.Of(test(a[0].String, a[1].String));
        }

        if (a[1].TryUtf8(out var part))
        {
            return CelValue.Of(utf8Test(text, part));
        }

        var other = a[1].String;
        Span<byte> buffer = stackalloc byte[256];
        return CelValue.Of(System.Text.Encoding.UTF8.TryGetBytes(other, buffer, out var written)
            ? utf8Test(text, buffer[..written])
            : utf8Test(text, CelUtf8.Bytes(other)));
    }

    private static CelValue Matches(in CelValue text, in CelValue pattern, PatternCache patterns)
    {
        if (text.Kind != CelKind.String || pattern.Kind != CelKind.String)
        {
            return FunctionSet.NoOverload("matches");
        }

        try
        {
            return CelValue.Of(patterns.Get(pattern.String).IsMatch(text.String));
        }
        catch (Re2SyntaxException e)
        {
            return CelValue.Failure(e.Message);
        }
    }
}
