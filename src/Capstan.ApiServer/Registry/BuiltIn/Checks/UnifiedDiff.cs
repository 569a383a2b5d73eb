using System.Globalization;
using System.Text;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Tells how two texts differ, line by line, in the form that Kubernetes has in messages: hunks with three lines around each change.</summary>
internal static class UnifiedDiff
{
    private const int Context = 3;

    // Beyond, both texts are told apart from their common beginning and end only.
    private const int MaxLines = 2000;

    /// <summary>The hunks; empty when the texts are equal.</summary>
    public static string Of(string before, string after)
    {
        string[] old = before.Split('\n'), now = after.Split('\n');
        var edits = Edits(old, now);
        var text = new StringBuilder();
        for (var i = 0; i < edits.Count;)
        {
            if (edits[i].Kind == ' ')
            {
                i++;
                continue;
            }

            // A hunk goes on as long as changes are close to each other.
            var start = Math.Max(0, i - Context);
            var end = i;
            for (var j = i; j < edits.Count && j <= end + (2 * Context); j++)
            {
                end = edits[j].Kind == ' ' ? end : j;
            }

            end = Math.Min(edits.Count - 1, end + Context);
            Append(text, edits, start, end);
            i = end + 1;
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, List<(char Kind, string Line)> edits, int start, int end)
    {
        var (oldStart, newStart) = (edits.Take(start).Count(e => e.Kind != '+'), edits.Take(start).Count(e => e.Kind != '-'));
        var hunk = edits[start..(end + 1)];
        text.Append(CultureInfo.InvariantCulture, $"@@ -{Range(oldStart, hunk.Count(e => e.Kind != '+'))} +{Range(newStart, hunk.Count(e => e.Kind != '-'))} @@\n");
        foreach (var (kind, line) in hunk)
        {
            text.Append(kind).Append(line).Append('\n');
        }
    }

    private static string Range(int start, int length) => length == 1
        ? (start + 1).ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{(length == 0 ? start : start + 1)},{length}");

    private static List<(char Kind, string Line)> Edits(string[] old, string[] now)
    {
        var head = 0;
        while (head < old.Length && head < now.Length && old[head] == now[head])
        {
            head++;
        }

        var tail = 0;
        while (tail < old.Length - head && tail < now.Length - head && old[^(tail + 1)] == now[^(tail + 1)])
        {
            tail++;
        }

        return
        [
            .. old.Take(head).Select(l => (' ', l)), .. Middle(old[head..(old.Length - tail)], now[head..(now.Length - tail)]), .. old.Skip(old.Length - tail).Select(l => (' ', l)),
        ];
    }

    // The longest lines that both have in the same order stay.
    private static List<(char Kind, string Line)> Middle(string[] old, string[] now)
    {
        if (old.Length > MaxLines || now.Length > MaxLines)
        {
            return [.. old.Select(l => ('-', l)), .. now.Select(l => ('+', l))];
        }

        var common = new int[old.Length + 1, now.Length + 1];
        for (var i = old.Length - 1; i >= 0; i--)
        {
            for (var j = now.Length - 1; j >= 0; j--)
            {
                common[i, j] = old[i] == now[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        List<(char, string)> edits = [];
        for (int i = 0, j = 0; i < old.Length || j < now.Length;)
        {
            if (i < old.Length && j < now.Length && old[i] == now[j])
            {
                edits.Add((' ', old[i]));
                (i, j) = (i + 1, j + 1);
            }
            else if (j >= now.Length || (i < old.Length && common[i + 1, j] >= common[i, j + 1]))
            {
                edits.Add(('-', old[i++]));
            }
            else
            {
                edits.Add(('+', now[j++]));
            }
        }

        return edits;
    }
}
