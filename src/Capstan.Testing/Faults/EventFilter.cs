namespace Capstan.Testing.Faults;

/// <summary>Sees the events of a watch one by one, however they come.</summary>
internal abstract class EventFilter(Stream inner) : BodyFilter(inner)
{
    private readonly MemoryStream _part = new();

    public sealed override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Span.IndexOf((byte)'\n') is >= 0 and var end)
        {
            _part.Write(buffer.Span[..(end + 1)]);
            buffer = buffer[(end + 1)..];
            var line = _part.ToArray();
            _part.SetLength(0);
            await WriteEventAsync(line, cancellationToken);
        }

        _part.Write(buffer.Span);
    }

    /// <summary>Passes an event on, or not.</summary>
    /// <param name="line">The event with the line feed at its end.</param>
    /// <param name="cancellationToken">The client left.</param>
    protected abstract ValueTask WriteEventAsync(byte[] line, CancellationToken cancellationToken);
}

/// <summary>Lets some events through, and then none.</summary>
internal sealed class LastEvents(Stream inner, int left, Action end) : EventFilter(inner)
{
    private int _left = left;
    private bool _ended;

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await Inner.FlushAsync(cancellationToken);
        if (_left <= 0 && !_ended)
        {
            _ended = true;
            end();
        }
    }

    protected override async ValueTask WriteEventAsync(byte[] line, CancellationToken cancellationToken)
    {
        if (_left-- > 0)
        {
            await Inner.WriteAsync(line, cancellationToken);
        }
    }
}

/// <summary>Sends each event in two pieces.</summary>
internal sealed class SplitEvents(Stream inner, int at, TimeSpan pause, TimeProvider clock) : EventFilter(inner)
{
    protected override async ValueTask WriteEventAsync(byte[] line, CancellationToken cancellationToken)
    {
        var first = Math.Min(at, line.Length);
        await Inner.WriteAsync(line.AsMemory(0, first), cancellationToken);
        await Inner.FlushAsync(cancellationToken);
        if (pause > TimeSpan.Zero)
        {
            await Task.Delay(pause, clock, cancellationToken);
        }

        await Inner.WriteAsync(line.AsMemory(first), cancellationToken);
    }
}

/// <summary>Holds the last events back until others follow, or for as long as its rule stands.</summary>
internal sealed class LateEvents : EventFilter
{
    private readonly int _behind;
    private readonly Queue<byte[]> _held = new();
    private readonly SemaphoreSlim _one = new(1);
    private readonly CancellationTokenRegistration _removal;
    private bool _removed;

    public LateEvents(Stream inner, int behind, CancellationToken removed)
        : base(inner)
    {
        _behind = behind;
        _removal = removed.UnsafeRegister(_ => _ = ReleaseAsync(), null);
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            await Inner.FlushAsync(cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _removal.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override async ValueTask WriteEventAsync(byte[] line, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            _held.Enqueue(line);
            while (_held.Count > (_removed ? 0 : _behind))
            {
                await Inner.WriteAsync(_held.Dequeue(), cancellationToken);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task ReleaseAsync()
    {
        await _one.WaitAsync();
        try
        {
            _removed = true;
            while (_held.TryDequeue(out var line))
            {
                await Inner.WriteAsync(line);
            }

            await Inner.FlushAsync();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The watch has ended meanwhile.
        }
        finally
        {
            _one.Release();
        }
    }
}
