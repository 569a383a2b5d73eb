namespace Capstan.Tool.Load.Work;

/// <summary>The templates that are there now, with their versions. Thread-safe.</summary>
/// <param name="first">Numbers from here on are given to new ones.</param>
internal sealed class Stock(long first)
{
    private readonly Lock _lock = new();
    private readonly List<long> _numbers = [];
    private readonly Dictionary<long, (int Place, long Version)> _known = [];
    private long _next = first;

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _numbers.Count;
            }
        }
    }

    /// <summary>Number of a new one.</summary>
    public long Next() => Interlocked.Increment(ref _next) - 1;

    /// <summary>One is made, in version 0.</summary>
    public void Add(long number)
    {
        lock (_lock)
        {
            _known[number] = (_numbers.Count, 0);
            _numbers.Add(number);
        }
    }

    /// <summary>One is no more.</summary>
    public void Remove(long number)
    {
        lock (_lock)
        {
            if (_known.Remove(number, out var gone))
            {
                var last = _numbers[^1];
                _numbers.RemoveAt(_numbers.Count - 1);
                if (last != number)
                {
                    _numbers[gone.Place] = last;
                    _known[last] = (gone.Place, _known[last].Version);
                }
            }
        }
    }

    /// <summary>One of them, spread evenly over all by <paramref name="turn"/>; null if there is none.</summary>
    public (long Number, long Version)? Pick(long turn)
    {
        lock (_lock)
        {
            if (_numbers.Count == 0)
            {
                return null;
            }

            var number = _numbers[(int)((ulong)(turn * 2654435761L) % (ulong)_numbers.Count)];
            return (number, _known[number].Version);
        }
    }

    /// <summary>One is about to be changed.</summary>
    /// <returns>Its new version.</returns>
    public long Changed(long number)
    {
        lock (_lock)
        {
            if (!_known.TryGetValue(number, out var one))
            {
                return 0;
            }

            _known[number] = one with { Version = one.Version + 1 };
            return one.Version + 1;
        }
    }
}
