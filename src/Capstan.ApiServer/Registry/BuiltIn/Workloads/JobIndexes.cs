using System.Globalization;

namespace Capstan.ApiServer.Registry.BuiltIn.Workloads;

/// <summary>Sets of the indexes of a job's pods: <c>1,3-5,7</c>.</summary>
internal static class JobIndexes
{
    /// <summary>Counts the indexes; answers what is wrong with the text, and null when nothing is.</summary>
    public static string? TryCount(string text, long completions, out long count)
    {
        count = 0;
        long? last = null;
        foreach (var part in text.Length == 0 ? [] : text.Split(','))
        {
            if (Read(part, completions, out var from, out var to) is { } fault)
            {
                count = 0;
                return fault;
            }

            if (last >= from)
            {
                count = 0;
                return Disorder(last.Value, from);
            }

            count += to - from + 1;
            last = to;
        }

        return null;
    }

    /// <summary>The first index that stands in both of two sets, each in order; null when there is none. What cannot be read is passed over.</summary>
    public static long? Common(string one, string other, long completions)
    {
        List<(long From, long To)> Ranges(string text) =>
            [.. (text.Length == 0 ? [] : text.Split(',')).Select(p => Read(p, completions, out var from, out var to) is null ? ((long, long)?)(from, to) : null).OfType<(long, long)>()];
        var (left, right) = (Ranges(one), Ranges(other));
        for (int i = 0, j = 0; i < left.Count && j < right.Count;)
        {
            if (left[i].From <= right[j].To && right[j].From <= left[i].To)
            {
                return Math.Max(left[i].From, right[j].From);
            }

            if (left[i].From <= right[j].From)
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return null;
    }

    private static string? Read(string part, long completions, out long from, out long to)
    {
        (from, to) = (0, 0);
        var ends = part.Split('-');
        if (ends.Length > 2)
        {
            return $"the fragment \"{part}\" violates the requirement that an index interval can have at most two parts separated by '-'";
        }

        foreach (var end in ends)
        {
            if (!long.TryParse(end, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
            {
                return $"cannot convert string to integer for index: \"{end}\"";
            }

            if (index >= completions)
            {
                return $"too large index: \"{end}\"";
            }

            (from, to) = ReferenceEquals(end, ends[0]) ? (index, index) : (from, index);
        }

        return ends.Length == 2 && from >= to ? Disorder(from, to) : null;
    }

    private static string Disorder(long previous, long current) => string.Create(CultureInfo.InvariantCulture, $"non-increasing order, previous: {previous}, current: {current}");
}
