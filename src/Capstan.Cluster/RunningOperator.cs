namespace Capstan.Cluster;

/// <summary>An operator that runs in this process until it is disposed.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class RunningOperator : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private int _disposed;

    private RunningOperator(Operator @operator)
    {
        Operator = @operator;
        Ended = @operator.RunAsync(_stop.Token);
    }

    /// <summary>The operator.</summary>
    public Operator Operator { get; }

    /// <summary>Ends when the operator has ended: after a stop, or with the exception that ended it.</summary>
    public Task Ended { get; }

    /// <summary>Starts, and returns once its caches are filled.</summary>
    /// <exception cref="OperatorException">It cannot run; it has been stopped.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before; it has been stopped.</exception>
    public static async Task<RunningOperator> StartAsync(Operator @operator, CancellationToken cancellationToken = default)
    {
        var running = new RunningOperator(@operator);
        try
        {
            await @operator.WaitForSyncAsync(cancellationToken);
            return running;
        }
        catch
        {
            await running._stop.CancelAsync();
            await running.Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    /// <summary>Stops in order, and waits for it. An exception that ended the operator earlier is not thrown again: it is in <see cref="Ended"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _stop.CancelAsync();
            await Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
        }
    }
}
