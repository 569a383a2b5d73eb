using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Capstan.Cel.Regex.Unicode;

/// <summary>
/// Categories, scripts and case folding of Unicode in the edition that Go knows, so that a pattern means the same here and there.
/// Read from unicode.txt when a pattern first needs it. Thread-safe.
/// </summary>
/// <remarks>
/// unicode.txt holds the facts of Go's package unicode (Unicode 15), a line each: <c>c NAME RANGE...</c> a general category, <c>s NAME RANGE...</c> a script,
/// <c>a ALIAS CATEGORY</c>, <c>f RUNE RUNE...</c> runes that are equal but for case. A range is LO, LO-HI or LO-HI/STRIDE, in hexadecimal; names have one capital,
/// then none, and no underscore or hyphen.
/// </remarks>
internal static class UnicodeTable
{
    private static readonly Lazy<Tables> _tables = new(Read);
    private static readonly ConcurrentDictionary<string, RuneSet> _sets = new();

    /// <summary>The set of <c>\p{name}</c>: a category, its alias, a script, Any, Assigned or ASCII, whatever the case; null where unknown.</summary>
    public static RuneSet? Named(string name)
    {
        name = Canonical(name);
        switch (name)
        {
            case "Any":
                return RuneSet.All;
            case "Ascii":
                return NamedSets.Posix("ascii");
            case "Assigned":
                return Named("Cn")!.Negate();
        }

        var tables = _tables.Value;
        name = tables.Aliases.GetValueOrDefault(name, name);
        return tables.Ranges.TryGetValue(name, out var ranges) ? _sets.GetOrAdd(name, static (_, text) => Parse(text), ranges) : null;
    }

    /// <summary>The set with everything that equals one of its members but for case.</summary>
    public static RuneSet Fold(RuneSet set)
    {
        var pairs = new List<(int, int)>();
        set.AddTo(pairs);
        var before = pairs.Count;
        foreach (var orbit in _tables.Value.Orbits)
        {
            if (Array.Exists(orbit, set.Contains) && !Array.TrueForAll(orbit, set.Contains))
            {
                pairs.AddRange(orbit.Select(r => (r, r)));
            }
        }

        return pairs.Count == before ? set : RuneSet.Of(pairs);
    }

    /// <summary>The set of the one code point and those equal to it but for case.</summary>
    public static RuneSet Fold(int rune)
    {
        // All but two letters of ASCII have one partner: most patterns need no table.
        if (rune < 128 && (rune | 0x20) is not ('k' or 's'))
        {
            return char.IsAsciiLetter((char)rune) ? RuneSet.Of([(rune & ~0x20, rune & ~0x20), (rune | 0x20, rune | 0x20)]) : RuneSet.Of(rune);
        }

        return _tables.Value.OrbitOf.TryGetValue(rune, out var orbit) ? RuneSet.Of([.. orbit.Select(r => (r, r))]) : RuneSet.Of(rune);
    }

    private static string Canonical(string name)
    {
        var result = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if (c is not ('_' or '-' or ' '))
            {
                result.Append(result.Length == 0 ? AsciiUpper(c) : AsciiLower(c));
            }
        }

        return result.ToString();

        static char AsciiUpper(char c) => char.IsAsciiLetterLower(c) ? (char)(c & ~0x20) : c;
        static char AsciiLower(char c) => char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c;
    }

    private static RuneSet Parse(string ranges)
    {
        var pairs = new List<(int, int)>();
        foreach (var part in ranges.AsSpan().Split(' '))
        {
            var range = ranges.AsSpan()[part];
            var slash = range.IndexOf('/');
            var stride = slash < 0 ? 1 : Hex(range[(slash + 1)..]);
            range = slash < 0 ? range : range[..slash];
            var dash = range.IndexOf('-');
            var first = Hex(dash < 0 ? range : range[..dash]);
            var last = dash < 0 ? first : Hex(range[(dash + 1)..]);
            if (stride == 1)
            {
                pairs.Add((first, last));
                continue;
            }

            for (var rune = first; rune <= last; rune += stride)
            {
                pairs.Add((rune, rune));
            }
        }

        return RuneSet.Of(pairs);
    }

    private static Tables Read()
    {
        var tables = new Tables([], [], [], []);
        using var stream = typeof(UnicodeTable).Assembly.GetManifestResourceStream("Capstan.Cel.Regex.unicode.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            var rest = line[2..];
            if (line[0] == 'f')
            {
                var orbit = Array.ConvertAll(rest.Split(' '), r => Hex(r));
                tables.Orbits.Add(orbit);
                Array.ForEach(orbit, r => tables.OrbitOf[r] = orbit);
                continue;
            }

            var space = rest.IndexOf(' ', StringComparison.Ordinal);
            (line[0] == 'a' ? tables.Aliases : tables.Ranges)[rest[..space]] = rest[(space + 1)..];
        }

        return tables;
    }

    private static int Hex(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private sealed record Tables(
        Dictionary<string, string> Ranges, Dictionary<string, string> Aliases, List<int[]> Orbits, Dictionary<int, int[]> OrbitOf);
}
