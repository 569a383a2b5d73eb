
namespace Capstan.Tool.Local.Templates;

/// <summary>The state of all templates, and which of them deserve the few lines of a screen.</summary>
/// <remarks>Thread-safe: the informer writes, the table reads.</remarks>
internal sealed class TemplateBoard
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, (TemplateRow Row, long Change)> _rows = [];
    private long _changes;

    /// <summary>Number of changes so far: a reader that has seen it need not draw again.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    /// <summary>Takes the state of a template.</summary>
    /// <returns>Whether anything shown changed.</returns>
    public bool Put(TemplateRow row)
    {
        lock (_lock)
        {
            if (_rows.TryGetValue(row.Key, out var known) && known.Row == row)
            {
                return false;
            }

            _rows[row.Key] = (row, Interlocked.Increment(ref _changes));
            return true;
        }
    }

    /// <summary>Forgets a deleted template.</summary>
    public bool Remove(ObjectKey key)
    {
        lock (_lock)
        {
            if (!_rows.Remove(key))
            {
                return false;
            }

            Interlocked.Increment(ref _changes);
            return true;
        }
    }

    /// <summary>The rows to show, active ones before others and each of these by latest change, and the number of templates in each phase.</summary>
    public (IReadOnlyList<TemplateRow> Rows, IReadOnlyDictionary<string, int> Totals) Show(int most)
    {
        (TemplateRow Row, long Change)[] all;
        lock (_lock)
        {
            all = [.. _rows.Values];
        }

        var rows = all.OrderByDescending(entry => entry.Row.IsActive).ThenByDescending(entry => entry.Change).Take(most).Select(entry => entry.Row).ToList();
        var totals = all.CountBy(entry => entry.Row.Phase).OrderBy(total => total.Key, StringComparer.Ordinal).ToDictionary();
        return (rows, totals);
    }
}
