using System.Runtime.InteropServices;

namespace Capstan.Cel.Regex;

/// <summary>
/// States and transitions of a <see cref="LazyDfa"/>. Written under its lock, read without: a cell goes once from unknown to its value,
/// and an array that was outgrown keeps what it had. A state is the index of its first cell.
/// </summary>
internal sealed class DfaTable(int stride)
{
    /// <summary>A step not made yet. It is the number of fresh cells.</summary>
    public const int Unknown = 0;

    /// <summary>A state that would take too much of the table.</summary>
    public const int TooLarge = -1;

    private readonly Dictionary<int[], int> _numbers = new(new KeyComparer());
    private readonly List<(int[] Key, Neighbour Before)> _states = [];
    private readonly int[] _starts = new int[4];
    private int[] _cells = new int[stride * 8];
    private int _keyCells;

    /// <summary>The state from which no match is possible.</summary>
    public int Dead => stride;

    /// <summary>The state that is a match. Those above it are ordinary.</summary>
    public int Accept => stride * 2;

    public int[] Cells => Volatile.Read(ref _cells);

    public bool IsEmpty => _states.Count == 0;

    /// <summary>What it holds, in numbers of 4 bytes.</summary>
    public int Size => (_states.Count + 3) * stride + _keyCells;

    public int StartOf(Neighbour before) => Volatile.Read(ref _starts[(int)before]);

    public void SetStart(Neighbour before, int state) => Volatile.Write(ref _starts[(int)before], state);

    public (int[] Key, Neighbour Before) StateAt(int state) => _states[state / stride - 3];

    public void Set(int cell, int state) => Volatile.Write(ref _cells[cell], state);

    public int Intern(ReadOnlySpan<int> instructions, Neighbour before)
    {
        var probe = instructions.Length < 256 ? stackalloc int[instructions.Length + 1] : new int[instructions.Length + 1];
        instructions.CopyTo(probe);
        probe[^1] = (int)before;
        var numbers = _numbers.GetAlternateLookup<ReadOnlySpan<int>>();
        if (numbers.TryGetValue(probe, out var state))
        {
            return state;
        }

        state = (_states.Count + 3) * stride;
        if (state + stride > _cells.Length)
        {
            var grown = new int[Math.Max(_cells.Length * 2, state + stride)];
            _cells.CopyTo(grown, 0);
            Volatile.Write(ref _cells, grown);
        }

        _states.Add((instructions.ToArray(), before));
        _keyCells += instructions.Length * 2;
        _numbers.Add(probe.ToArray(), state);
        return state;
    }

    private sealed class KeyComparer : IEqualityComparer<int[]>, IAlternateEqualityComparer<ReadOnlySpan<int>, int[]>
    {
        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<int> alternate, int[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<int> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(MemoryMarshal.AsBytes(alternate));
            return hash.ToHashCode();
        }

        public int[] Create(ReadOnlySpan<int> alternate) => alternate.ToArray();
    }
}
