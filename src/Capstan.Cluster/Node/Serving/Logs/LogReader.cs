using System.Buffers;

namespace Capstan.Cluster.Node.Serving.Logs;

/// <summary>Writes what is in a container's log file, and what comes, as the container wrote it.</summary>
/// <param name="path">The file.</param>
/// <param name="options">What of it.</param>
/// <param name="isEnded">Whether nothing more will come.</param>
/// <param name="time">By which new lines are looked for.</param>
internal sealed class LogReader(string path, LogOptions options, Func<bool> isEnded, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // A line of a container is parted by the runtime long before this.
    private const int MostLine = 1 << 20;
    private readonly ArrayBufferWriter<byte> _text = new(32 << 10);
    private long _left = options.LimitBytes ?? long.MaxValue;
    private bool _isSince = options.Since is null;
    private bool _continues;

    /// <summary>Waits for a file that a container writes when it says something for the first time; not longer than the container runs.</summary>
    public static async Task WhenThereAsync(string path, Func<bool> isEnded, TimeProvider time, CancellationToken cancellation)
    {
        while (!File.Exists(path) && !isEnded())
        {
            await Task.Delay(Pause, time, cancellation);
        }
    }

    /// <summary>Returns when all is written: at the end of the file, or where it is followed when the container has ended.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public async Task WriteToAsync(Stream output, CancellationToken cancellation)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1, useAsync: true);
        file.Position = options.Tail is { } lines ? await LogTail.FindAsync(file, lines, cancellation) : 0;
        var buffer = new byte[64 << 10];
        var held = 0;
        while (_left > 0)
        {
            // Asked before the read: what a container wrote before it ended is in the file by then.
            var ended = !options.Follow || isEnded();
            var read = await file.ReadAsync(buffer.AsMemory(held), cancellation);
            held += read;
            var used = Take(buffer.AsSpan(0, held));
            buffer.AsSpan(used, held - used).CopyTo(buffer);
            held -= used;
            if (held == buffer.Length)
            {
                if (buffer.Length >= MostLine)
                {
                    throw new InvalidDataException($"{path} is no log of a container");
                }

                Array.Resize(ref buffer, buffer.Length * 2);
            }

            if (_text.WrittenCount > 0)
            {
                await output.WriteAsync(_text.WrittenMemory[..(int)Math.Min(_left, _text.WrittenCount)], cancellation);
                await output.FlushAsync(cancellation);
                _left -= _text.WrittenCount;
                _text.ResetWrittenCount();
            }

            if (read == 0)
            {
                if (ended)
                {
                    return;
                }

                await Task.Delay(Pause, time, cancellation);
            }
        }
    }

    /// <summary>Takes the lines that are whole.</summary>
    private int Take(ReadOnlySpan<byte> bytes)
    {
        var used = 0;
        while (bytes[used..].IndexOf((byte)'\n') is >= 0 and var length)
        {
            if (LogLine.TryRead(bytes.Slice(used, length), out var line) && (_isSince = _isSince || line.IsSince(options.Since!.Value)))
            {
                if (options.Timestamps && !_continues)
                {
                    _text.Write(line.Time);
                    _text.Write(" "u8);
                }

                _text.Write(line.Text);
                _continues = line.IsPartial;
                if (!_continues)
                {
                    _text.Write("\n"u8);
                }
            }

            used += length + 1;
        }

        return used;
    }
}
