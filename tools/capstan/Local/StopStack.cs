using System.Collections.Concurrent;

namespace Capstan.Tool.Local;

/// <summary>What has been started, stopped in the reverse order.</summary>
/// <remarks>Thread-safe until it is disposed: parts may be started side by side.</remarks>
internal sealed class StopStack : IAsyncDisposable
{
    private readonly ConcurrentStack<IAsyncDisposable> _started = new();

    /// <summary>Remembers a part that runs now.</summary>
    public T Add<T>(T part)
        where T : IAsyncDisposable
    {
        _started.Push(part);
        return part;
    }

    /// <summary>Starts a part beside what the caller does, and remembers it: it is stopped once it has started, unless that failed.</summary>
    public Task<T> Start<T>(Func<Task<T>> start)
        where T : IAsyncDisposable
    {
        var starting = Task.Run(start, CancellationToken.None);
        _started.Push(new Starting<T>(starting));
        return starting;
    }

    /// <summary>Remembers what is only to be closed.</summary>
    public T Closing<T>(T part)
        where T : IDisposable
    {
        _started.Push(new Closed(part));
        return part;
    }

    /// <summary>Stops the last part first; each has ended before the next is told.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_started.TryPop(out var part))
        {
            await part.DisposeAsync();
        }
    }

    private sealed class Closed(IDisposable part) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            part.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Starting<T>(Task<T> start) : IAsyncDisposable
        where T : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await ((Task)start).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (start.IsCompletedSuccessfully)
            {
                await (await start).DisposeAsync();
            }
        }
    }
}
