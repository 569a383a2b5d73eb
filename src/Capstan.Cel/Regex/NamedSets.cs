using System.Collections.Frozen;

namespace Capstan.Cel.Regex;

/// <summary>The ASCII sets that have a name: <c>\d</c> and its like, <c>[:alpha:]</c> and its like.</summary>
internal static class NamedSets
{
    private static readonly RuneSet _digit = Ranges("09");
    private static readonly RuneSet _word = Ranges("09AZaz__");
    private static readonly RuneSet _space = Ranges("\t\n\f\r  ");

    private static readonly FrozenDictionary<string, RuneSet> _posix = new Dictionary<string, RuneSet>
    {
        ["alnum"] = Ranges("09AZaz"),
        ["alpha"] = Ranges("AZaz"),
        ["ascii"] = Ranges("\0\x7F"),
        ["blank"] = Ranges("\t\t  "),
        ["cntrl"] = Ranges("\0\x1F\x7F\x7F"),
        ["digit"] = _digit,
        ["graph"] = Ranges("!~"),
        ["lower"] = Ranges("az"),
        ["print"] = Ranges(" ~"),
        ["punct"] = Ranges("!/:@[`{~"),
        ["space"] = Ranges("\t\r  "),
        ["upper"] = Ranges("AZ"),
        ["word"] = _word,
        ["xdigit"] = Ranges("09AFaf"),
    }.ToFrozenDictionary();

    public static RuneSet Word => _word;

    /// <summary>The set of <c>\d</c>, <c>\s</c> or <c>\w</c> and whether a capital negates it; null for another letter.</summary>
    public static RuneSet? Perl(char letter, out bool negated)
    {
        negated = char.IsAsciiLetterUpper(letter);
        return letter switch
        {
            'd' or 'D' => _digit,
            's' or 'S' => _space,
            'w' or 'W' => _word,
            _ => null,
        };
    }

    /// <summary>The set of <c>[:name:]</c>, given its name; null where POSIX has none.</summary>
    public static RuneSet? Posix(string name) => _posix.GetValueOrDefault(name);

    private static RuneSet Ranges(string bounds)
    {
        var pairs = new List<(int, int)>();
        for (var i = 0; i < bounds.Length; i += 2)
        {
            pairs.Add((bounds[i], bounds[i + 1]));
        }

        return RuneSet.Of(pairs);
    }
}
