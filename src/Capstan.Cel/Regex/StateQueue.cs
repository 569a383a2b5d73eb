namespace Capstan.Cel.Regex;

/// <summary>A set of instructions that remembers the order of arrival and is emptied at once.</summary>
internal sealed class StateQueue(int capacity)
{
    private readonly int[] _dense = new int[capacity];
    private readonly int[] _sparse = new int[capacity];

    public int Count { get; private set; }

    public ReadOnlySpan<int> Items => _dense.AsSpan(0, Count);

    public void Clear() => Count = 0;

    /// <summary>Adds an instruction; false where it was in already.</summary>
    public bool Add(int instruction)
    {
        var at = _sparse[instruction];
        if (at < Count && _dense[at] == instruction)
        {
            return false;
        }

        _sparse[instruction] = Count;
        _dense[Count++] = instruction;
        return true;
    }

    public void Sort() => _dense.AsSpan(0, Count).Sort();
}
