using System.Globalization;
using System.Text;

namespace Capstan.Cluster.Workloads.Jobs;

/// <summary>Completion indexes as ranges in order, as a Job's status writes them: <c>1,3-5,7</c>. Immutable.</summary>
internal sealed class IndexSet
{
    public static readonly IndexSet Empty = new([]);

    private readonly List<(int First, int Last)> _ranges;

    private IndexSet(List<(int First, int Last)> ranges) => _ranges = ranges;

    public int Count => _ranges.Sum(static range => range.Last - range.First + 1);

    /// <summary>Reads what a status or a policy says; what is no number, or not under <paramref name="completions"/>, is left out.</summary>
    public static IndexSet Parse(string? text, int completions)
    {
        var ranges = new List<(int, int)>();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var limits = part.Split('-');
            if (!int.TryParse(limits[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first))
            {
                continue;
            }

            var last = first;
            if (limits.Length > 1 && !int.TryParse(limits[1], NumberStyles.None, CultureInfo.InvariantCulture, out last))
            {
                continue;
            }

            if (first < completions && first <= last)
            {
                ranges.Add((first, Math.Min(last, completions - 1)));
            }
        }

        return Merge(ranges);
    }

    public IndexSet With(IEnumerable<int> indexes) => Merge([.. _ranges, .. indexes.Select(static index => (index, index))]);

    public IndexSet With(IndexSet other) => Merge([.. _ranges, .. other._ranges]);

    public bool Has(int index) => _ranges.Exists(range => range.First <= index && index <= range.Last);

    /// <summary>How many of these are also in <paramref name="other"/>.</summary>
    public int CountIn(IndexSet other) => _ranges.Sum(range => other._ranges.Sum(one => Math.Max(0, Math.Min(range.Last, one.Last) - Math.Max(range.First, one.First) + 1)));

    /// <summary>The first of those under <paramref name="completions"/> that are not in the set.</summary>
    public List<int> FirstMissing(int count, int completions)
    {
        var missing = new List<int>();
        var candidate = 0;
        foreach (var (first, last) in _ranges.Append((completions, completions)))
        {
            for (; candidate < Math.Min(first, completions) && missing.Count < count; candidate++)
            {
                missing.Add(candidate);
            }

            candidate = Math.Max(candidate, last + 1);
        }

        return missing;
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (first, last) in _ranges)
        {
            text.Append(text.Length > 0 ? "," : "").Append(CultureInfo.InvariantCulture, $"{first}");
            if (last > first)
            {
                text.Append(last == first + 1 ? ',' : '-').Append(CultureInfo.InvariantCulture, $"{last}");
            }
        }

        return text.ToString();
    }

    private static IndexSet Merge(List<(int First, int Last)> ranges)
    {
        ranges.Sort();
        var merged = new List<(int First, int Last)>();
        foreach (var range in ranges)
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last + 1)
            {
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, range.Last));
            }
            else
            {
                merged.Add(range);
            }
        }

        return new(merged);
    }
}
