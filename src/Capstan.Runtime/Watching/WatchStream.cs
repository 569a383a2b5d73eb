using System.Buffers;

namespace Capstan.Watching;

/// <summary>One open watch, cut into lines. Not thread-safe.</summary>
internal sealed class WatchStream : IDisposable
{
    private const int FirstSize = 16 * 1024;

    /// <summary>Longest line: an object of etcd's largest size is 1.5 MiB, as JSON with escapes some times that.</summary>
    private const int LargestSize = 64 * 1024 * 1024;

    private readonly TimeProvider _time;
    private readonly string _description;
    private readonly long _mustEndBy;
    private readonly CancellationTokenSource _deadline;
    private HttpResponseMessage? _response;
    private Stream? _body;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstSize);

    // What was read and not yet given out is _buffer[_start.._end]; up to _scanned it has no line end.
    private int _start;
    private int _scanned;
    private int _end;
    private int _lineLength;

    private WatchStream(TimeProvider time, string description, TimeSpan lifetime, TimeSpan patience)
    {
        _time = time;
        _description = description;
        OpenedAt = time.GetTimestamp();
        _mustEndBy = OpenedAt + (long)(lifetime.TotalSeconds * time.TimestampFrequency);
        _deadline = new CancellationTokenSource(patience, time);
    }

    /// <summary>Timestamp before the request was sent: a server may hold its headers back until the first event.</summary>
    public long OpenedAt { get; }

    /// <summary>Lines read so far.</summary>
    public int Lines { get; private set; }

    /// <summary>The line that was read last, without its end; valid until the next is read.</summary>
    public ReadOnlyMemory<byte> Line => _buffer.AsMemory(_start, _lineLength);

    /// <param name="client">Sends the request.</param>
    /// <param name="pathAndQuery">The watch.</param>
    /// <param name="accept">Media types to ask for; null asks for JSON.</param>
    /// <param name="description">For messages.</param>
    /// <param name="lifetime">How long the watch may last at most, counted from now.</param>
    /// <param name="patience">How long the first answer may take.</param>
    /// <param name="cancellationToken">Ends opening.</param>
    public static async Task<WatchStream> OpenAsync(
        KubeClient client, string pathAndQuery, string? accept, string description, TimeSpan lifetime, TimeSpan patience, CancellationToken cancellationToken)
    {
        var stream = new WatchStream(client.Options.TimeProvider, description, lifetime, patience);
        try
        {
            using var both = CancellationTokenSource.CreateLinkedTokenSource(stream._deadline.Token, cancellationToken);
            stream._response = await client.OpenStreamAsync(pathAndQuery, accept, description, both.Token);
            stream._body = await stream._response.Content.ReadAsStreamAsync(both.Token);
            stream._deadline.CancelAfter(stream.Remaining);
            return stream;
        }
        catch (OperationCanceledException) when (stream._deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            stream.Dispose();
            throw new WatchSilenceException($"{description}: no answer");
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private TimeSpan Remaining
    {
        get
        {
            var left = TimeSpan.FromSeconds((_mustEndBy - _time.GetTimestamp()) / (double)_time.TimestampFrequency);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Bounds the wait for the next line; without it the lifetime of the watch does.</summary>
    public void ExpectLineWithin(TimeSpan patience) => _deadline.CancelAfter(patience < Remaining ? patience : Remaining);

    /// <summary>Reads the next line into <see cref="Line"/>; false at the end. A last line without line end was cut, and is dropped.</summary>
    /// <exception cref="WatchSilenceException">The deadline passed.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async ValueTask<bool> ReadLineAsync(CancellationToken cancellationToken)
    {
        if (Lines > 0)
        {
            _start = _scanned;
        }

        while (true)
        {
            var found = _buffer.AsSpan(_scanned, _end - _scanned).IndexOf((byte)'\n');
            if (found >= 0)
            {
                _lineLength = _scanned + found - _start;
                _scanned += found + 1;
                if (Line.Span.Trim(" \t\r"u8).IsEmpty)
                {
                    // Blank lines are allowed between events.
                    _start = _scanned;
                    continue;
                }

                Lines++;
                return true;
            }

            _scanned = _end;
            MakeRoom();
            var read = await ReadAsync(cancellationToken);
            if (read == 0)
            {
                return false;
            }

            _end += read;
        }
    }

    public void Dispose()
    {
        _body?.Dispose();
        _response?.Dispose();
        _deadline.Dispose();
        var buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask<int> ReadAsync(CancellationToken cancellationToken)
    {
        // One token for both reasons without a linked source per read: cancelling the deadline is what cancellation does.
        using var registration = cancellationToken.UnsafeRegister(static d => ((CancellationTokenSource)d!).Cancel(), _deadline);
        try
        {
            return await _body!.ReadAsync(_buffer.AsMemory(_end), _deadline.Token);
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new WatchSilenceException($"{_description}: nothing came for longer than agreed");
        }
        catch (IOException error)
        {
            throw new WatchException($"{_description}: {error.Message}", error);
        }
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length)
        {
            return;
        }

        var length = _end - _start;
        if (_start > 0 && length <= _buffer.Length / 2)
        {
            _buffer.AsSpan(_start, length).CopyTo(_buffer);
        }
        else
        {
            if (length >= LargestSize)
            {
                throw new WatchException($"{_description}: an event is larger than {LargestSize} bytes");
            }

            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(_start, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        (_start, _scanned, _end) = (0, length, length);
    }
}
