using System.Collections.Concurrent;
using Capstan.Cel.Regex;

namespace Capstan.Cel.Library;

/// <summary>Patterns that are computed, compiled once for some time. Bounded: patterns of hostile input must not stay for ever. Safe for threads.</summary>
internal sealed class PatternCache
{
    private const int Capacity = 64;
    private readonly ConcurrentDictionary<string, Re2> _patterns = new(StringComparer.Ordinal);

    /// <exception cref="Re2SyntaxException">No such expression.</exception>
    public Re2 Get(string pattern)
    {
        if (_patterns.TryGetValue(pattern, out var known))
        {
            return known;
        }

        var compiled = Re2.Compile(pattern);
        if (_patterns.Count >= Capacity)
        {
            _patterns.Clear();
        }

        _patterns[pattern] = compiled;
        return compiled;
    }
}
