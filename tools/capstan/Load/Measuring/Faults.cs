namespace Capstan.Tool.Load.Measuring;

/// <summary>What went wrong, by message. Thread-safe.</summary>
internal sealed class Faults
{
    // Messages that name objects are as many as the objects: beyond these only the number counts.
    private const int MostMessages = 20;

    private const string Others = "others";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>How many.</summary>
    public long Count
    {
        get
        {
            lock (_lock)
            {
                return _counts.Values.Sum();
            }
        }
    }

    /// <summary>Adds one.</summary>
    public void Add(string message)
    {
        message = message.ReplaceLineEndings(" ");
        lock (_lock)
        {
            var key = _counts.ContainsKey(message) || _counts.Count < MostMessages ? message : Others;
            _counts[key] = _counts.GetValueOrDefault(key) + 1;
        }
    }

    /// <summary>All, the most frequent first.</summary>
    public IReadOnlyList<FaultCount> All()
    {
        lock (_lock)
        {
            return [.. _counts.OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal).Select(one => new FaultCount(one.Key, one.Value))];
        }
    }
}

/// <summary>A message and how often it came.</summary>
internal sealed record FaultCount(string Message, long Count);
