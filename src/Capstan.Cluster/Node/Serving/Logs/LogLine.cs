using System.Text;

namespace Capstan.Cluster.Node.Serving.Logs;

/// <summary>One line of a log file as runtimes of containers write them: <c>TIME stdout|stderr F|P TEXT</c>. P: the container's line goes on in the next.</summary>
internal readonly ref struct LogLine
{
    private LogLine(ReadOnlySpan<byte> time, ReadOnlySpan<byte> text, bool isPartial)
    {
        Time = time;
        Text = text;
        IsPartial = isPartial;
    }

    /// <summary>As it is written.</summary>
    public ReadOnlySpan<byte> Time { get; }

    /// <summary>Without its end of line.</summary>
    public ReadOnlySpan<byte> Text { get; }

    public bool IsPartial { get; }

    /// <summary>Whether it was written at that time or later.</summary>
    public bool IsSince(DateTimeOffset since) => DateTimeOffset.TryParse(Encoding.ASCII.GetString(Time), System.Globalization.CultureInfo.InvariantCulture, out var at) && at >= since;

    /// <summary>Reads a line without its end; false when it is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, out LogLine read)
    {
        read = default;
        var afterTime = line.IndexOf((byte)' ');
        if (afterTime < 0)
        {
            return false;
        }

        var rest = line[(afterTime + 1)..];
        var afterStream = rest.IndexOf((byte)' ');
        if (afterStream < 0 || !(rest[..afterStream].SequenceEqual("stdout"u8) || rest[..afterStream].SequenceEqual("stderr"u8)))
        {
            return false;
        }

        rest = rest[(afterStream + 1)..];
        if (rest.IsEmpty || rest[0] is not ((byte)'F' or (byte)'P'))
        {
            return false;
        }

        // Tags may follow a colon; the text follows a space, also when it is empty.
        var afterTag = rest.IndexOf((byte)' ');
        read = new(line[..afterTime], afterTag < 0 ? [] : rest[(afterTag + 1)..], rest[0] == (byte)'P');
        return true;
    }
}
