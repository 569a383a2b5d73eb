using Capstan.Dashboard.Facts;

namespace Capstan.Dashboard;

/// <summary>The last times that objects of templates were found changed by others, as their statuses tell it. Thread-safe.</summary>
internal sealed class DriftLog
{
    private const int Most = 200;

    private readonly Lock _gate = new();
    private readonly Queue<DriftAnswer> _entries = new();

    /// <summary>A template changed.</summary>
    public void Take(TemplateFacts? before, TemplateFacts now)
    {
        if (now.DriftAt is not { } at || before is null || (now.Drifts <= before.Drifts && at <= (before.DriftAt ?? DateTimeOffset.MinValue)))
        {
            return;
        }

        lock (_gate)
        {
            _entries.Enqueue(new(now.Key.Namespace, now.Key.Name, at, now.Drifts));
            while (_entries.Count > Most)
            {
                _entries.Dequeue();
            }
        }
    }

    /// <summary>The newest entries: what was seen, and of templates that were not seen to change, what they say.</summary>
    public IReadOnlyList<DriftAnswer> Newest(IEnumerable<TemplateFacts> drifted, int most)
    {
        List<DriftAnswer> seen;
        lock (_gate)
        {
            seen = [.. _entries];
        }

        return
        [
            .. seen.Concat(drifted.Select(one => new DriftAnswer(one.Key.Namespace, one.Key.Name, one.DriftAt!.Value, one.Drifts)))
                .Distinct()
                .OrderByDescending(one => one.At)
                .ThenBy(one => one.Namespace, StringComparer.Ordinal)
                .ThenBy(one => one.Name, StringComparer.Ordinal)
                .Take(most),
        ];
    }
}
