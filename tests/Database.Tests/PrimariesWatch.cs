using Npgsql;

namespace Databases.Tests;

/// <summary>Looks all the time whether there are two servers that take an application's writes, each by its own address and not by a Service.</summary>
internal sealed class PrimariesWatch : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly string[] _pods;
    private readonly Task<string?> _run;

    public PrimariesWatch(LiveDatabase database, params string[] pods)
    {
        _pods = pods;
        _run = Task.Run(() => RunAsync(database));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Assert.Null(await _run);
    }

    private async Task<string?> RunAsync(LiveDatabase database)
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(Pause, CancellationToken.None);
            foreach (var one in _pods)
            {
                // One that takes writes both before and after another does is a second primary; one that does only before has handed over.
                if (await TakesWritesAsync(database, one))
                {
                    foreach (var other in _pods.Where(pod => pod != one))
                    {
                        if (await TakesWritesAsync(database, other) && await TakesWritesAsync(database, one))
                        {
                            return $"{one} and {other} take writes at once";
                        }
                    }
                }
            }
        }

        return null;
    }

    private static async Task<bool> TakesWritesAsync(LiveDatabase database, string pod)
    {
        try
        {
            await using var source = await database.AtPodAsync(pod);
            await using var command = source.CreateCommand("BEGIN READ WRITE; SELECT pg_current_xact_id(); ROLLBACK");
            await command.ExecuteNonQueryAsync();
            return true;
        }
        catch (Exception error) when (error is NpgsqlException or IOException or System.Net.Sockets.SocketException or TimeoutException or Capstan.ApiException or OperationCanceledException)
        {
            return false;
        }
    }
}
