using System.Runtime.InteropServices;

namespace Capstan.Cel.Regex;

/// <summary>An immutable set of code points: sorted ranges that neither overlap nor touch, and a bitmap for ASCII.</summary>
internal sealed class RuneSet : IEquatable<RuneSet>
{
    public const int MaxRune = 0x10FFFF;

    private static readonly RuneSet[] _ascii = [.. Enumerable.Range(0, 128).Select(rune => new RuneSet([rune, rune]))];

    private readonly int[] _bounds;
    private readonly ulong _low;
    private readonly ulong _high;
    private readonly int _hash;

    private RuneSet(int[] bounds)
    {
        _bounds = bounds;
        var hash = new HashCode();
        hash.AddBytes(MemoryMarshal.AsBytes(bounds.AsSpan()));
        _hash = hash.ToHashCode();
        for (var i = 0; i < bounds.Length && bounds[i] < 128; i += 2)
        {
            for (var rune = bounds[i]; rune <= Math.Min(bounds[i + 1], 127); rune++)
            {
                (rune < 64 ? ref _low : ref _high) |= 1UL << rune;
            }
        }
    }

    public static RuneSet Empty { get; } = new([]);

    public static RuneSet All { get; } = new([0, MaxRune]);

    public static RuneSet AllButNewline { get; } = new([0, '\n' - 1, '\n' + 1, MaxRune]);

    /// <summary>First and last code point of each range, in turn.</summary>
    public ReadOnlySpan<int> Bounds => _bounds;

    /// <summary>The only member, or -1 where there are none or more.</summary>
    public int Single => _bounds.Length == 2 && _bounds[0] == _bounds[1] ? _bounds[0] : -1;

    public static RuneSet Of(int rune) => (uint)rune < (uint)_ascii.Length ? _ascii[rune] : new([rune, rune]);

    /// <summary>The set of ranges in any order, as pairs of first and last; sorts <paramref name="pairs"/>.</summary>
    public static RuneSet Of(List<(int First, int Last)> pairs)
    {
        pairs.Sort();
        var bounds = new List<int>(pairs.Count * 2);
        foreach (var (first, last) in pairs)
        {
            if (bounds.Count > 0 && first <= bounds[^1] + 1)
            {
                bounds[^1] = Math.Max(bounds[^1], last);
            }
            else
            {
                bounds.Add(first);
                bounds.Add(last);
            }
        }

        return new([.. bounds]);
    }

    public bool Contains(int rune)
    {
        if (rune < 128)
        {
            return ((rune < 64 ? _low : _high) >> rune & 1) != 0;
        }

        // The number of bounds below the rune is odd inside a range; a last code point is itself inside.
        var at = Array.BinarySearch(_bounds, rune);
        return at >= 0 || (~at & 1) == 1;
    }

    public void AddTo(List<(int First, int Last)> pairs)
    {
        for (var i = 0; i < _bounds.Length; i += 2)
        {
            pairs.Add((_bounds[i], _bounds[i + 1]));
        }
    }

    public RuneSet Or(RuneSet other)
    {
        var pairs = new List<(int, int)>();
        AddTo(pairs);
        other.AddTo(pairs);
        return Of(pairs);
    }

    public RuneSet Negate()
    {
        var bounds = new List<int>(_bounds.Length + 2);
        var next = 0;
        for (var i = 0; i < _bounds.Length; i += 2)
        {
            if (next < _bounds[i])
            {
                bounds.Add(next);
                bounds.Add(_bounds[i] - 1);
            }

            next = _bounds[i + 1] + 1;
        }

        if (next <= MaxRune)
        {
            bounds.Add(next);
            bounds.Add(MaxRune);
        }

        return new([.. bounds]);
    }

    public bool Equals(RuneSet? other) => other is not null && _hash == other._hash && _bounds.AsSpan().SequenceEqual(other._bounds);

    public override bool Equals(object? obj) => Equals(obj as RuneSet);

    public override int GetHashCode() => _hash;
}
