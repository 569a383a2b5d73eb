using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Capstan.Caching;

/// <summary>Fingerprints by key in about a hundred bytes each: rows and names lie in blocks, so that nothing is copied when it grows. Not thread-safe.</summary>
internal sealed class FingerprintTable
{
    /// <summary>Characters that a name may have: four times as many as Kubernetes allows.</summary>
    public const int LongestName = 1024;

    private const int RowsPerBlock = 1024;

    private readonly List<Row[]> _rows = [];
    private readonly NameBlocks _names = new();
    private readonly List<string> _namespaces = [];
    private readonly Dictionary<string, int> _namespaceIds = new(StringComparer.Ordinal);

    // Uids and versions of servers that have them in other forms than Kubernetes'.
    private readonly Dictionary<int, (string Uid, string Version)> _odd = [];
    private int[] _buckets = NewBuckets(64);
    private int _free = -1;
    private int _used;

    public int Count { get; private set; }

    /// <summary>Number of the row of a key; -1 if there is none. Valid until the next removal.</summary>
    public int Find(ObjectKey key)
    {
        Span<byte> name = stackalloc byte[Encoding.UTF8.GetMaxByteCount(Math.Min(key.Name.Length, LongestName))];
        return key.Name.Length <= LongestName && _namespaceIds.TryGetValue(key.Namespace, out var space) ? Find(space, name[..Encoding.UTF8.GetBytes(key.Name, name)], out _) : -1;
    }

    /// <summary>Adds or replaces what is known of an object.</summary>
    /// <returns>Its row.</returns>
    public int Put(in ObjectFingerprint value)
    {
        if (!_namespaceIds.TryGetValue(value.Key.Namespace, out var space))
        {
            space = _namespaces.Count;
            _namespaces.Add(value.Key.Namespace);
            _namespaceIds.Add(value.Key.Namespace, space);
        }

        var name = Encoding.UTF8.GetBytes(value.Key.Name);
        var row = Find(space, name, out var hash);
        if (row < 0)
        {
            row = NewRow();
            ref var added = ref At(row);
            added = new Row { Namespace = space, Name = _names.Add(name), NameLength = (ushort)name.Length, Next = -1 };
            Count++;
            if (Count > _buckets.Length)
            {
                Grow();
            }

            Link(row, hash);
        }

        ref var there = ref At(row);
        (there.HashHigh, there.HashLow) = (value.Hash.High, value.Hash.Low);
        _odd.Remove(row);
        if (TryPack(value, ref there))
        {
            return row;
        }

        _odd[row] = (value.Uid, value.ResourceVersion);
        return row;
    }

    public ObjectFingerprint Read(int row)
    {
        ref var there = ref At(row);
        var key = new ObjectKey(_namespaces[there.Namespace], Encoding.UTF8.GetString(_names.Get(there.Name, there.NameLength)));
        if (_odd.TryGetValue(row, out var odd))
        {
            return new(key, odd.Uid, odd.Version, new(there.HashHigh, there.HashLow));
        }

        Span<byte> uid = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(uid, there.UidHigh);
        BinaryPrimitives.WriteUInt64BigEndian(uid[8..], there.UidLow);
        return new(key, new Guid(uid, bigEndian: true).ToString(), there.Version.ToString(CultureInfo.InvariantCulture), new(there.HashHigh, there.HashLow));
    }

    /// <summary>A number that belongs to the row, for its owner.</summary>
    public ref ushort Mark(int row) => ref At(row).Mark;

    public void Remove(int row)
    {
        ref var gone = ref At(row);
        var name = _names.Get(gone.Name, gone.NameLength);
        ref var link = ref _buckets[Bucket(Hash(gone.Namespace, name))];
        while (link != row)
        {
            link = ref At(link).Next;
        }

        link = gone.Next;
        _names.Drop(gone.NameLength);
        _odd.Remove(row);
        gone = new Row { Namespace = -1, Next = _free };
        _free = row;
        Count--;
        if (_names.IsWasteful)
        {
            var names = _names.Renew();
            foreach (var kept in Rows())
            {
                ref var moved = ref At(kept);
                moved.Name = _names.Add(NameBlocks.Get(names, moved.Name, moved.NameLength));
            }
        }
    }

    /// <summary>All rows, in no certain order; nothing may be added or removed meanwhile.</summary>
    public IEnumerable<int> Rows()
    {
        for (var row = 0; row < _used; row++)
        {
            if (At(row).Namespace >= 0)
            {
                yield return row;
            }
        }
    }

    private static int[] NewBuckets(int count)
    {
        var buckets = new int[count];
        Array.Fill(buckets, -1);
        return buckets;
    }

    private static uint Hash(int space, ReadOnlySpan<byte> name)
    {
        var hash = new HashCode();
        hash.Add(space);
        hash.AddBytes(name);
        return (uint)hash.ToHashCode();
    }

    private static bool TryPack(in ObjectFingerprint value, ref Row row)
    {
        Span<char> text = stackalloc char[36];
        if (!Guid.TryParseExact(value.Uid, "D", out var uid) || !uid.TryFormat(text, out _) || !text.SequenceEqual(value.Uid)
            || !ulong.TryParse(value.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            || (value.ResourceVersion[0] == '0' && value.ResourceVersion.Length > 1))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        uid.TryWriteBytes(bytes, bigEndian: true, out _);
        row.UidHigh = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        row.UidLow = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        row.Version = version;
        return true;
    }

    private ref Row At(int row) => ref _rows[row / RowsPerBlock][row % RowsPerBlock];

    private int Bucket(uint hash) => (int)(hash % (uint)_buckets.Length);

    private int Find(int space, ReadOnlySpan<byte> name, out uint hash)
    {
        hash = Hash(space, name);
        var row = _buckets[Bucket(hash)];
        while (row >= 0)
        {
            ref var there = ref At(row);
            if (there.Namespace == space && there.NameLength == name.Length && _names.Get(there.Name, there.NameLength).SequenceEqual(name))
            {
                return row;
            }

            row = there.Next;
        }

        return -1;
    }

    private int NewRow()
    {
        if (_free >= 0)
        {
            var row = _free;
            _free = At(row).Next;
            return row;
        }

        if (_used == _rows.Count * RowsPerBlock)
        {
            _rows.Add(new Row[RowsPerBlock]);
        }

        return _used++;
    }

    private void Link(int row, uint hash)
    {
        ref var bucket = ref _buckets[Bucket(hash)];
        At(row).Next = bucket;
        bucket = row;
    }

    private void Grow()
    {
        // By half only: the table is there to be small. Of the rows the new one is not linked yet; it will be.
        var linked = _buckets;
        _buckets = NewBuckets(_buckets.Length + (_buckets.Length / 2));
        foreach (var first in linked)
        {
            for (var row = first; row >= 0;)
            {
                ref var there = ref At(row);
                var next = there.Next;
                Link(row, Hash(there.Namespace, _names.Get(there.Name, there.NameLength)));
                row = next;
            }
        }
    }

    private struct Row
    {
        public ulong UidHigh;
        public ulong UidLow;
        public ulong Version;
        public ulong HashHigh;
        public ulong HashLow;

        /// <summary>Place among the names.</summary>
        public int Name;

        /// <summary>-1: the row is free.</summary>
        public int Namespace;

        /// <summary>The next row of the bucket, or of those that are free.</summary>
        public int Next;

        public ushort NameLength;
        public ushort Mark;
    }
}
