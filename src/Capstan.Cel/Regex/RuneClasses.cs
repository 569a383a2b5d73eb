namespace Capstan.Cel.Regex;

/// <summary>
/// The alphabet of an automaton: code points that no set of it tells apart are one class. Immutable.
/// A table of transitions is as wide as there are classes, which is a handful where Unicode has a million characters.
/// </summary>
internal sealed class RuneClasses
{
    /// <summary>Steps that making the classes may take: beyond it the automaton is not worth a table.</summary>
    private const long MaxWork = 4_000_000;

    private const int MaxClasses = 1024;

    private readonly ushort[] _ascii = new ushort[128];
    private readonly int[] _starts;
    private readonly ushort[] _classes;

    private RuneClasses(int[] starts, ushort[] classes, int count)
    {
        _starts = starts;
        _classes = classes;
        Representatives = new int[count];
        for (var i = starts.Length - 1; i >= 0; i--)
        {
            Representatives[classes[i]] = starts[i];
        }

        for (var rune = 0; rune < 128; rune++)
        {
            _ascii[rune] = Find(rune);
        }
    }

    /// <summary>One code point of each class.</summary>
    public int[] Representatives { get; }

    public int Count => Representatives.Length;

    public ReadOnlySpan<ushort> Ascii => _ascii;

    /// <summary>Makes the classes of a program; null where they would be too many or too costly.</summary>
    public static RuneClasses? Of(Program program)
    {
        List<RuneSet> sets = [.. program.Sets];
        if (program.HasAssertions)
        {
            sets.Add(NamedSets.Word);
            sets.Add(RuneSet.Of('\n'));
        }

        var starts = Starts(sets);
        if ((long)starts.Length * sets.Count > MaxWork)
        {
            return null;
        }

        // Each set splits the classes that it cuts through.
        var classes = new int[starts.Length];
        var count = 1;
        var split = new Dictionary<int, int>();
        foreach (var set in sets)
        {
            split.Clear();
            var bounds = set.Bounds;
            for (int i = 0, range = 0; i < starts.Length; i++)
            {
                while (range < bounds.Length && bounds[range + 1] < starts[i])
                {
                    range += 2;
                }

                var inside = range < bounds.Length && bounds[range] <= starts[i];
                var key = classes[i] * 2 + (inside ? 1 : 0);
                if (!split.TryGetValue(key, out var number))
                {
                    number = split.Count;
                    split.Add(key, number);
                }

                classes[i] = number;
            }

            count = Math.Max(1, split.Count);
            if (count > MaxClasses)
            {
                return null;
            }
        }

        return new(starts, Array.ConvertAll(classes, c => (ushort)c), count);
    }

    public int ClassOf(int rune) => rune < 128 ? _ascii[rune] : Find(rune);

    private static int[] Starts(List<RuneSet> sets)
    {
        var starts = new List<int> { 0 };
        foreach (var set in sets)
        {
            for (var i = 0; i < set.Bounds.Length; i += 2)
            {
                starts.Add(set.Bounds[i]);
                starts.Add(set.Bounds[i + 1] + 1);
            }
        }

        starts.Sort();
        var kept = 0;
        for (var i = 0; i < starts.Count; i++)
        {
            if (starts[i] <= RuneSet.MaxRune && (kept == 0 || starts[i] != starts[kept - 1]))
            {
                starts[kept++] = starts[i];
            }
        }

        return [.. starts[..kept]];
    }

    private ushort Find(int rune)
    {
        var at = Array.BinarySearch(_starts, rune);
        return _classes[at >= 0 ? at : ~at - 1];
    }
}
