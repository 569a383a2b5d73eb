using System.Buffers.Binary;
using System.Text;

namespace Capstan.Cel.Values;

/// <summary>The content of a time zone file (TZif, RFC 8536): when the offset changed, and the rule for the time after the last change.</summary>
internal sealed class ZoneTransitions
{
    private const int HeaderSize = 44;
    private const int MaxEntries = 100_000;

    private readonly long[] _times;
    private readonly int[] _offsets;
    private readonly int _first;
    private readonly ZoneRule? _after;

    private ZoneTransitions(long[] times, int[] offsets, int first, ZoneRule? after) => (_times, _offsets, _first, _after) = (times, offsets, first, after);

    /// <summary>Seconds east of UTC at an instant.</summary>
    public long OffsetAt(long seconds)
    {
        if (_times.Length == 0 || seconds < _times[0]) return _times.Length == 0 && _after is not null ? _after.OffsetAt(seconds) : _first;
        var index = Array.BinarySearch(_times, seconds);
        if (index < 0) index = ~index - 1;
        return index == _times.Length - 1 && _after is not null ? _after.OffsetAt(seconds) : _offsets[index];
    }

    /// <summary>False: not a whole file of the format.</summary>
    public static bool TryRead(ReadOnlySpan<byte> data, out ZoneTransitions? zone)
    {
        zone = null;
        if (!TryReadHeader(data, out var header)) return false;
        var wide = data[4] >= (byte)'2';
        if (wide)
        {
            var skip = HeaderSize + header.SizeOf(4);
            if (skip > data.Length || !TryReadHeader(data[(int)skip..], out header)) return false;
            data = data[(int)skip..];
        }

        var timeSize = wide ? 8 : 4;
        var size = HeaderSize + header.SizeOf(timeSize);
        if (size > data.Length || header.Types == 0) return false;
        var body = data[HeaderSize..(int)size];
        var indexes = body.Slice(header.Times * timeSize, header.Times);
        var types = body.Slice(header.Times * (timeSize + 1), header.Types * 6);
        var times = new long[header.Times];
        var offsets = new int[header.Times];
        for (var i = 0; i < times.Length; i++)
        {
            var time = body[(i * timeSize)..];
            times[i] = wide ? BinaryPrimitives.ReadInt64BigEndian(time) : BinaryPrimitives.ReadInt32BigEndian(time);
            if (indexes[i] >= header.Types || (i > 0 && times[i] <= times[i - 1])) return false;
            offsets[i] = OffsetOf(types, indexes[i]);
        }

        zone = new(times, offsets, OffsetOf(types, FirstType(types, indexes)), wide ? ReadFooter(data[(int)size..]) : null);
        return true;
    }

    // Before the first change: type 0 unless the changes use it; then the standard time before the first summer time, then any standard time.
    private static int FirstType(ReadOnlySpan<byte> types, ReadOnlySpan<byte> indexes)
    {
        if (!indexes.Contains((byte)0)) return 0;
        if (IsSummer(types, indexes[0]))
        {
            for (var type = indexes[0] - 1; type >= 0; type--)
            {
                if (!IsSummer(types, type)) return type;
            }
        }

        for (var type = 0; type < types.Length / 6; type++)
        {
            if (!IsSummer(types, type)) return type;
        }

        return 0;
    }

    private static int OffsetOf(ReadOnlySpan<byte> types, int type) => BinaryPrimitives.ReadInt32BigEndian(types[(type * 6)..]);

    private static bool IsSummer(ReadOnlySpan<byte> types, int type) => types[(type * 6) + 4] != 0;

    private static ZoneRule? ReadFooter(ReadOnlySpan<byte> footer)
    {
        if (footer is not [(byte)'\n', ..]) return null;
        var end = footer[1..].IndexOf((byte)'\n');
        return end > 0 && ZoneRule.TryRead(Encoding.ASCII.GetString(footer.Slice(1, end)), out var rule) ? rule : null;
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> data, out Header header)
    {
        header = default;
        if (data.Length < HeaderSize || !data.StartsWith("TZif"u8)) return false;
        header = new(Count(data, 20), Count(data, 24), Count(data, 28), Count(data, 32), Count(data, 36), Count(data, 40));
        return header is { UtcMarks: >= 0, StandardMarks: >= 0, LeapSeconds: >= 0, Times: >= 0, Types: >= 0, Letters: >= 0 };
    }

    private static int Count(ReadOnlySpan<byte> data, int at)
    {
        var count = BinaryPrimitives.ReadUInt32BigEndian(data[at..]);
        return count > MaxEntries ? -1 : (int)count;
    }

    private readonly record struct Header(int UtcMarks, int StandardMarks, int LeapSeconds, int Times, int Types, int Letters)
    {
        public long SizeOf(int timeSize) =>
            (Times * (timeSize + 1L)) + (Types * 6L) + Letters + (LeapSeconds * (timeSize + 4L)) + StandardMarks + UtcMarks;
    }
}
