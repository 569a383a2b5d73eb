using System.Text;
using System.Text.RegularExpressions;
using Pattern = System.Text.RegularExpressions.Regex;

namespace Capstan.Cel.Tests.Reference;

/// <summary>Functions of strings, over arrays of code points.</summary>
internal static class RefStrings
{
    public static RefValue? Call(string function, RefValue[] a, RefDialect dialect) => (function, a) switch
    {
        ("contains", [RefString s, RefString t]) => RefValue.Of(First(s.CodePoints, t.CodePoints, 0) >= 0),
        ("startsWith", [RefString s, RefString t]) => RefValue.Of(IsAt(s.CodePoints, t.CodePoints, 0)),
        ("endsWith", [RefString s, RefString t]) => RefValue.Of(IsAt(s.CodePoints, t.CodePoints, s.CodePoints.Length - t.CodePoints.Length)),
        ("matches", [RefString s, RefString t]) => Matches(s.Value, t.Value),
        ("charAt", [RefString s, RefInt i]) => Cut(s.CodePoints, i.Value, i.Value + 1, atEnd: true),
        ("substring", [RefString s, RefInt i]) => Cut(s.CodePoints, i.Value, s.CodePoints.Length, atEnd: true),
        ("substring", [RefString s, RefInt i, RefInt j]) => i.Value > j.Value ? Range() : Cut(s.CodePoints, i.Value, j.Value, atEnd: false),
        ("indexOf", [RefString s, RefString t]) => new RefInt(First(s.CodePoints, t.CodePoints, 0)),
        ("indexOf", [RefString s, RefString t, RefInt i]) => From(s, t, i, dialect, last: false),
        ("lastIndexOf", [RefString s, RefString t]) => new RefInt(Last(s.CodePoints, t.CodePoints, s.CodePoints.Length)),
        ("lastIndexOf", [RefString s, RefString t, RefInt i]) => From(s, t, i, dialect, last: true),
        ("lowerAscii", [RefString s]) => Of(s.CodePoints.Select(c => c is >= 'A' and <= 'Z' ? c + 32 : c)),
        ("upperAscii", [RefString s]) => Of(s.CodePoints.Select(c => c is >= 'a' and <= 'z' ? c - 32 : c)),
        ("trim", [RefString s]) => Of(s.CodePoints.SkipWhile(IsSpace).Reverse().SkipWhile(IsSpace).Reverse()),
        ("reverse", [RefString s]) when dialect == RefDialect.Specification => Of(s.CodePoints.Reverse()),
        ("replace", [RefString s, RefString t, RefString u]) => Replace(s.CodePoints, t.CodePoints, u.CodePoints, -1),
        ("replace", [RefString s, RefString t, RefString u, RefInt n]) => Replace(s.CodePoints, t.CodePoints, u.CodePoints, (long)n.Value),
        ("split", [RefString s, RefString t]) => Split(s.CodePoints, t.CodePoints, -1),
        ("split", [RefString s, RefString t, RefInt n]) => Split(s.CodePoints, t.CodePoints, (long)n.Value),
        ("join", [RefList l]) => Join(l, ""),
        ("join", [RefList l, RefString s]) => Join(l, s.Value),
        ("strings.quote", [RefString s]) => new RefString('"' + string.Concat(s.CodePoints.Select(Quoted)) + '"'),
        ("base64.encode", [RefBytes b]) => new RefString(Convert.ToBase64String(b.Value)),
        _ => null,
    };

    private static RefError Range() => new("index out of range");

    private static RefString Of(IEnumerable<int> codePoints) => new(string.Concat(codePoints.Select(c => new Rune(c).ToString())));

    private static bool IsSpace(int c) => Rune.IsWhiteSpace(new Rune(c));

    private static bool IsAt(int[] s, int[] part, int at) => at >= 0 && at + part.Length <= s.Length && s.AsSpan(at, part.Length).SequenceEqual(part);

    private static int First(int[] s, int[] part, int from)
    {
        for (var i = from; i <= s.Length; i++)
        {
            if (IsAt(s, part, i))
            {
                return i;
            }
        }

        return -1;
    }

    private static int Last(int[] s, int[] part, int from)
    {
        for (var i = Math.Min(from, s.Length); i >= 0; i--)
        {
            if (IsAt(s, part, i))
            {
                return i;
            }
        }

        return -1;
    }

    // Of an empty text the offset is the answer, whatever it is. Beyond the end Kubernetes finds nothing, the specification has an error.
    private static RefValue From(RefString text, RefString part, RefInt offset, RefDialect dialect, bool last)
    {
        var (s, t) = (text.CodePoints, part.CodePoints);
        return t.Length == 0 ? offset
            : offset.Value < 0 ? Range()
            : offset.Value >= s.Length ? dialect == RefDialect.Kubernetes ? new RefInt(-1) : Range()
            : new RefInt(last ? Last(s, t, (int)offset.Value) : First(s, t, (int)offset.Value));
    }

    private static RefValue Cut(int[] s, System.Numerics.BigInteger from, System.Numerics.BigInteger to, bool atEnd)
    {
        if (from < 0 || from > s.Length || to < 0 || (to > s.Length && !atEnd))
        {
            return Range();
        }

        return Of(s[(int)from..(int)System.Numerics.BigInteger.Min(to, s.Length)]);
    }

    private static RefString Replace(int[] s, int[] old, int[] replacement, long limit)
    {
        var result = new List<int>();
        var at = 0;
        while (at <= s.Length)
        {
            if (limit != 0 && IsAt(s, old, at))
            {
                limit--;
                result.AddRange(replacement);
                at += old.Length;
                if (old.Length > 0)
                {
                    continue;
                }
            }

            if (at < s.Length)
            {
                result.Add(s[at]);
            }

            at++;
        }

        return Of(result);
    }

    private static RefList Split(int[] s, int[] separator, long limit)
    {
        var parts = new List<RefValue>();
        if (limit == 0 || (separator.Length == 0 && s.Length == 0))
        {
            return new RefList(parts);
        }

        var start = 0;
        var at = separator.Length == 0 ? 1 : 0;
        while (at < s.Length && parts.Count + 1 != limit)
        {
            if (IsAt(s, separator, at))
            {
                parts.Add(Of(s[start..at]));
                start = at + separator.Length;
                at = separator.Length == 0 ? at + 1 : start;
            }
            else
            {
                at++;
            }
        }

        parts.Add(Of(s[start..]));
        return new RefList(parts);
    }

    private static RefString? Join(RefList list, string separator) =>
        list.Items.All(i => i is RefString) ? new RefString(string.Join(separator, list.Items.Select(i => ((RefString)i).Value))) : null;

    private static string Quoted(int c) => c switch
    {
        '\a' => "\\a",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\v' => "\\v",
        '\\' => "\\\\",
        '"' => "\\\"",
        _ => new Rune(c).ToString(),
    };

    // Only patterns that mean the same to .NET as to RE2 are generated.
    private static RefValue Matches(string text, string pattern)
    {
        try
        {
            return RefValue.Of(Pattern.IsMatch(text, pattern.Replace("$", "\\z", StringComparison.Ordinal), RegexOptions.CultureInvariant));
        }
        catch (ArgumentException)
        {
            return new RefError("no regular expression");
        }
    }
}
