using System.Globalization;
using System.Text;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>The differences of two texts in the unified form, found as Ratcliff and Obershelp's method finds them: the longest run of lines that both have, and so on before and after it.
/// Of long texts, lines that occur often do not begin a run.</summary>
internal static class UnifiedDiff
{
    private const int Around = 3;
    private const int Long = 200;

    private readonly record struct Run(int A, int B, int Length);

    private readonly record struct Change(bool Equal, int A1, int A2, int B1, int B2);

    /// <summary>The differences, without names of files; empty when there are none.</summary>
    public static string Of(string[] a, string[] b)
    {
        var text = new StringBuilder();
        foreach (var group in Groups(Changes(Runs(a, b), a.Length, b.Length)))
        {
            text.Append(CultureInfo.InvariantCulture, $"@@ -{Range(group[0].A1, group[^1].A2)} +{Range(group[0].B1, group[^1].B2)} @@\n");
            foreach (var change in group)
            {
                if (change.Equal)
                {
                    Append(text, ' ', a, change.A1, change.A2);
                    continue;
                }

                Append(text, '-', a, change.A1, change.A2);
                Append(text, '+', b, change.B1, change.B2);
            }
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, char mark, string[] lines, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            text.Append(mark).Append(lines[i]).Append('\n');
        }
    }

    private static string Range(int from, int to) => (to - from) switch
    {
        1 => (from + 1).ToString(CultureInfo.InvariantCulture),
        0 => string.Create(CultureInfo.InvariantCulture, $"{from},0"),
        var length => string.Create(CultureInfo.InvariantCulture, $"{from + 1},{length}"),
    };

    private static List<Run> Runs(string[] a, string[] b)
    {
        var places = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var j = 0; j < b.Length; j++)
        {
            if (!places.TryGetValue(b[j], out var at))
            {
                places[b[j]] = at = [];
            }

            at.Add(j);
        }

        if (b.Length >= Long)
        {
            foreach (var often in places.Where(p => p.Value.Count > (b.Length / 100) + 1).Select(p => p.Key).ToList())
            {
                places.Remove(often);
            }
        }

        var runs = new List<Run>();
        var open = new Stack<(int A1, int A2, int B1, int B2)>([(0, a.Length, 0, b.Length)]);
        while (open.TryPop(out var part))
        {
            var run = Longest(a, b, places, part.A1, part.A2, part.B1, part.B2);
            if (run.Length > 0)
            {
                runs.Add(run);
                open.Push((part.A1, run.A, part.B1, run.B));
                open.Push((run.A + run.Length, part.A2, run.B + run.Length, part.B2));
            }
        }

        runs.Sort((x, y) => x.A != y.A ? x.A.CompareTo(y.A) : x.B.CompareTo(y.B));
        return runs;
    }

    private static Run Longest(string[] a, string[] b, Dictionary<string, List<int>> places, int a1, int a2, int b1, int b2)
    {
        var best = new Run(a1, b1, 0);
        var lengths = new Dictionary<int, int>();
        for (var i = a1; i < a2; i++)
        {
            var next = new Dictionary<int, int>();
            foreach (var j in places.GetValueOrDefault(a[i]) ?? [])
            {
                if (j < b1 || j >= b2)
                {
                    continue;
                }

                var length = lengths.GetValueOrDefault(j - 1) + 1;
                next[j] = length;
                if (length > best.Length)
                {
                    best = new Run(i - length + 1, j - length + 1, length);
                }
            }

            lengths = next;
        }

        // Lines that begin no run may still lengthen one.
        while (best.A > a1 && best.B > b1 && a[best.A - 1] == b[best.B - 1])
        {
            best = new Run(best.A - 1, best.B - 1, best.Length + 1);
        }

        while (best.A + best.Length < a2 && best.B + best.Length < b2 && a[best.A + best.Length] == b[best.B + best.Length])
        {
            best = best with { Length = best.Length + 1 };
        }

        return best;
    }

    private static List<Change> Changes(List<Run> runs, int lengthA, int lengthB)
    {
        var changes = new List<Change>();
        var (i, j) = (0, 0);
        foreach (var run in runs.Append(new Run(lengthA, lengthB, 0)))
        {
            if (i < run.A || j < run.B)
            {
                changes.Add(new(false, i, run.A, j, run.B));
            }

            if (run.Length > 0)
            {
                // Two runs side by side are one.
                if (changes.Count > 0 && changes[^1] is { Equal: true } last)
                {
                    changes[^1] = last with { A2 = run.A + run.Length, B2 = run.B + run.Length };
                }
                else
                {
                    changes.Add(new(true, run.A, run.A + run.Length, run.B, run.B + run.Length));
                }
            }

            (i, j) = (run.A + run.Length, run.B + run.Length);
        }

        return changes;
    }

    /// <summary>Changes with the lines around them; what lies further apart is a group of its own.</summary>
    private static IEnumerable<List<Change>> Groups(List<Change> changes)
    {
        if (changes.All(c => c.Equal))
        {
            yield break;
        }

        if (changes[0] is { Equal: true } first)
        {
            changes[0] = first with { A1 = Math.Max(first.A1, first.A2 - Around), B1 = Math.Max(first.B1, first.B2 - Around) };
        }

        if (changes[^1] is { Equal: true } last)
        {
            changes[^1] = last with { A2 = Math.Min(last.A2, last.A1 + Around), B2 = Math.Min(last.B2, last.B1 + Around) };
        }

        var group = new List<Change>();
        foreach (var change in changes)
        {
            if (change.Equal && change.A2 - change.A1 > 2 * Around)
            {
                group.Add(change with { A2 = change.A1 + Around, B2 = change.B1 + Around });
                yield return group;
                group = [change with { A1 = change.A2 - Around, B1 = change.B2 - Around }];
            }
            else
            {
                group.Add(change);
            }
        }

        if (group.Count > 1 || !group[0].Equal)
        {
            yield return group;
        }
    }
}
