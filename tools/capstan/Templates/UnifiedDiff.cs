using System.Text;

namespace Capstan.Tool.Templates;

/// <summary>The difference of two texts in the form of <c>diff -u</c>, without its head.</summary>
/// <remarks>Myers' algorithm: the fewest lines. Texts that differ in more than <see cref="MostChanges"/> lines are shown as replaced from the first difference to the last, so
/// that time and memory stay bounded.</remarks>
internal static class UnifiedDiff
{
    private const int MostChanges = 2000;
    private const int Context = 3;

    /// <summary>The hunks; empty when the texts are equal.</summary>
    public static string Of(string before, string after)
    {
        if (before == after)
        {
            return "";
        }

        var lines = Align(Lines(before), Lines(after));
        var text = new StringBuilder();
        var (i, oldLine, newLine) = (0, 1, 1);
        while (i < lines.Count)
        {
            if (lines[i].Kind == ' ')
            {
                (i, oldLine, newLine) = (i + 1, oldLine + 1, newLine + 1);
                continue;
            }

            // A hunk: from a few lines before the change to a few lines after the last one that is near.
            var start = Math.Max(0, i - Context);
            while (start < i && lines[start].Kind != ' ')
            {
                start++;
            }

            var end = EndOfHunk(lines, i);
            var (oldStart, newStart) = (oldLine - (i - start), newLine - (i - start));
            var hunk = lines.GetRange(start, end - start);
            var (oldCount, newCount) = (hunk.Count(line => line.Kind != '+'), hunk.Count(line => line.Kind != '-'));
            text.Append("@@ -").Append(Range(oldStart, oldCount)).Append(" +").Append(Range(newStart, newCount)).Append(" @@\n");
            foreach (var (kind, line) in hunk)
            {
                text.Append(kind).Append(line).Append('\n');
            }

            (i, oldLine, newLine) = (end, oldStart + oldCount, newStart + newCount);
        }

        return text.ToString();
    }

    private static string Range(int start, int count) => count == 1 ? $"{start}" : $"{(count == 0 ? start - 1 : start)},{count}";

    private static string[] Lines(string text) => text.Length == 0 ? [] : text.TrimEnd('\n').Split('\n');

    private static int EndOfHunk(List<(char Kind, string Line)> lines, int from)
    {
        var last = from;
        for (var i = from; i < lines.Count && i - last <= 2 * Context; i++)
        {
            last = lines[i].Kind == ' ' ? last : i;
        }

        return Math.Min(lines.Count, last + 1 + Context);
    }

    private static List<(char Kind, string Line)> Align(string[] before, string[] after)
    {
        var head = 0;
        while (head < before.Length && head < after.Length && before[head] == after[head])
        {
            head++;
        }

        var tail = 0;
        while (tail < before.Length - head && tail < after.Length - head && before[^(tail + 1)] == after[^(tail + 1)])
        {
            tail++;
        }

        var middle = Middle(before[head..^tail], after[head..^tail]);
        return [.. before.Take(head).Select(line => (' ', line)), .. middle, .. before.Skip(before.Length - tail).Select(line => (' ', line))];
    }

    /// <summary>Follows the furthest path on each diagonal, change by change, and then the way back.</summary>
    private static List<(char Kind, string Line)> Middle(string[] before, string[] after)
    {
        var most = Math.Min(before.Length + after.Length, MostChanges);
        var furthest = new int[(2 * most) + 2];
        var trace = new List<int[]>();
        for (var changes = 0; changes <= most; changes++)
        {
            trace.Add(furthest[(most - changes)..(most + changes + 2)]);
            for (var diagonal = -changes; diagonal <= changes; diagonal += 2)
            {
                var down = diagonal == -changes || (diagonal != changes && furthest[most + diagonal - 1] < furthest[most + diagonal + 1]);
                var x = down ? furthest[most + diagonal + 1] : furthest[most + diagonal - 1] + 1;
                while (x < before.Length && x - diagonal < after.Length && before[x] == after[x - diagonal])
                {
                    x++;
                }

                furthest[most + diagonal] = x;
                if (x >= before.Length && x - diagonal >= after.Length)
                {
                    return WayBack(before, after, trace);
                }
            }
        }

        return [.. before.Select(line => ('-', line)), .. after.Select(line => ('+', line))];
    }

    private static List<(char Kind, string Line)> WayBack(string[] before, string[] after, List<int[]> trace)
    {
        var result = new List<(char Kind, string Line)>();
        var (x, y) = (before.Length, after.Length);
        for (var changes = trace.Count - 1; changes > 0; changes--)
        {
            // Of the state before this change, diagonals from -changes to changes + 1 were kept.
            int At(int d) => trace[changes][d + changes];
            var diagonal = x - y;
            var down = diagonal == -changes || (diagonal != changes && At(diagonal - 1) < At(diagonal + 1));
            var previous = down ? diagonal + 1 : diagonal - 1;
            // Where the path stood right after this change; the lines from there on are common.
            var afterChange = down ? At(previous) : At(previous) + 1;
            while (x > afterChange)
            {
                result.Add((' ', before[--x]));
                y--;
            }

            if (down)
            {
                result.Add(('+', after[--y]));
            }
            else
            {
                result.Add(('-', before[--x]));
            }
        }

        while (x > 0 && y > 0)
        {
            result.Add((' ', before[--x]));
            y--;
        }

        result.Reverse();
        return result;
    }
}
