using System.Buffers;

namespace Capstan.Watching;

/// <summary>The body of an answer that is read while it comes, with deadlines. Not thread-safe.</summary>
internal sealed class AnswerStream : IDisposable
{
    private const int FirstSize = 64 * 1024;

    /// <summary>Most that may wait to be understood: an object of etcd's largest size is 1.5 MiB, as JSON with escapes some times that.</summary>
    private const int LargestSize = 64 * 1024 * 1024;

    private readonly TimeProvider _time;
    private readonly string _description;
    private readonly long _mustEndBy;
    private readonly CancellationTokenSource _deadline;
    private HttpResponseMessage? _response;
    private Stream? _body;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstSize);
    private int _start;
    private int _end;

    private AnswerStream(TimeProvider time, string description, TimeSpan lifetime, TimeSpan patience)
    {
        _time = time;
        _description = description;
        OpenedAt = time.GetTimestamp();
        _mustEndBy = OpenedAt + (long)(lifetime.TotalSeconds * time.TimestampFrequency);
        _deadline = new CancellationTokenSource(patience, time);
    }

    /// <summary>Timestamp before the request was sent: a server may hold its headers back until it has something to tell.</summary>
    public long OpenedAt { get; }

    /// <summary>How long each wait for more may take at most, within the lifetime of the whole. Null: as long as that.</summary>
    public TimeSpan? Patience { get; set; }

    /// <summary>What came and was not yet consumed; valid until the next call.</summary>
    public ReadOnlySpan<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    /// <param name="client">Sends the request.</param>
    /// <param name="pathAndQuery">What to get.</param>
    /// <param name="accept">Media types to ask for; null asks for JSON.</param>
    /// <param name="description">For messages.</param>
    /// <param name="lifetime">How long the whole may last at most, counted from now.</param>
    /// <param name="patience">How long the first answer may take.</param>
    /// <param name="cancellationToken">Ends opening.</param>
    public static async Task<AnswerStream> OpenAsync(
        KubeClient client, string pathAndQuery, string? accept, string description, TimeSpan lifetime, TimeSpan patience, CancellationToken cancellationToken)
    {
        var stream = new AnswerStream(client.Options.TimeProvider, description, lifetime, patience);
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

    /// <summary>Forgets the first bytes of <see cref="Unread"/>.</summary>
    public void Consume(int count) => _start += count;

    /// <summary>Adds to <see cref="Unread"/>; false at the end.</summary>
    /// <exception cref="WatchSilenceException">The deadline passed.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async ValueTask<bool> ReadMoreAsync(CancellationToken cancellationToken)
    {
        MakeRoom();
        if (Patience is { } patience)
        {
            _deadline.CancelAfter(patience < Remaining ? patience : Remaining);
        }

        // One token for both reasons without a linked source per read: cancelling the deadline is what cancellation does.
        using var registration = cancellationToken.UnsafeRegister(static d => ((CancellationTokenSource)d!).Cancel(), _deadline);
        try
        {
            var read = await _body!.ReadAsync(_buffer.AsMemory(_end), _deadline.Token);
            _end += read;
            return read > 0;
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

    /// <summary>Ends all waits of <see cref="Patience"/>: from now on the lifetime of the whole is the only bound.</summary>
    public void BePatient()
    {
        Patience = null;
        _deadline.CancelAfter(Remaining);
    }

    public void Dispose()
    {
        _body?.Dispose();
        _response?.Dispose();
        _deadline.Dispose();
        var buffer = _buffer;
        _buffer = [];
        (_start, _end) = (0, 0);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
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

    private void MakeRoom()
    {
        var length = _end - _start;
        if (length == 0)
        {
            (_start, _end) = (0, 0);
        }
        else if (_end == _buffer.Length && _start > 0 && length <= _buffer.Length / 2)
        {
            _buffer.AsSpan(_start, length).CopyTo(_buffer);
            (_start, _end) = (0, length);
        }
        else if (_end == _buffer.Length)
        {
            if (length >= LargestSize)
            {
                throw new WatchException($"{_description}: an object is larger than {LargestSize} bytes");
            }

            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(_start, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
            (_start, _end) = (0, length);
        }
    }
}
