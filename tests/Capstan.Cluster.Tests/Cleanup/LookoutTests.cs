using System.Threading.Channels;
using Capstan.Cluster.Cleanup;

namespace Capstan.Cluster.Tests.Cleanup;

/// <summary>Looks that fail: which of them are told.</summary>
public sealed class LookoutTests
{
    [Fact]
    public async Task One_that_fails_once_is_not_told_and_one_that_fails_again_is()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var (looks, told) = (Channel.CreateUnbounded<int>(), new List<string>());
        var lookout = new Lookout(TimeProvider.System);
        var count = 0;
        var running = lookout.RunAsync(
            _ =>
            {
                looks.Writer.TryWrite(++count);
                return count is 3 or >= 5 ? Task.CompletedTask : throw new TimeoutException($"look {count}");
            },
            error => told.Add(error.Message),
            stop.Token);
        for (var look = 1; look <= 5; look++)
        {
            Assert.Equal(look, await looks.Reader.ReadAsync(stop.Token));
            lookout.LookAgain();
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(["look 2"], told);
    }
}
