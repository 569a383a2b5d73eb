using System.Collections.Concurrent;
using System.Net.Sockets;
using Npgsql;

namespace Databases.Tests;

/// <summary>An application that writes row after row, connects again when it must, and notes the rows of which it was told that they are committed.</summary>
internal sealed class WritingClient : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<int> _committed = new();
    private readonly Task _run;

    private WritingClient(NpgsqlDataSource source, bool insists) => _run = Task.Run(() => WriteAsync(source, insists));

    public IReadOnlyCollection<int> Committed => _committed;

    /// <summary>Begins to write into a new table <c>rows</c>.</summary>
    /// <param name="database">Where.</param>
    /// <param name="insists">Whether it demands transactions that may write, whatever the server's default.</param>
    public static async Task<WritingClient> StartAsync(LiveDatabase database, bool insists = false)
    {
        await database.RunAsync("CREATE TABLE rows (i int)");
        var result = new WritingClient(await database.ConnectAsync(), insists);
        await result.GoesOnAsync();
        return result;
    }

    /// <summary>Waits until it has written some more.</summary>
    public Task GoesOnAsync()
    {
        var before = _committed.Count;
        return Capstan.Testing.Eventually.SeeAsync("more rows", _ => Task.FromResult(_committed.Count), count => count > before + 20, TimeSpan.FromSeconds(150), TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
    }

    private async Task WriteAsync(NpgsqlDataSource source, bool insists)
    {
        await using var connects = source;
        for (var i = 0; !_stop.IsCancellationRequested;)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(_stop.Token);
                while (true)
                {
                    var insert = $"INSERT INTO rows VALUES ({++i})";
                    await using var command = new NpgsqlCommand(insists ? $"BEGIN READ WRITE; {insert}; COMMIT" : insert, connection);
                    await command.ExecuteNonQueryAsync(_stop.Token);
                    _committed.Enqueue(i);
                }
            }
            catch (Exception error) when (error is NpgsqlException or OperationCanceledException or IOException or SocketException or TimeoutException)
            {
                // Who knows whether that one was committed: it is not counted. A client that connects again without a pause would leave the servers no time.
                await Task.Delay(Pause, CancellationToken.None);
            }
        }
    }
}
