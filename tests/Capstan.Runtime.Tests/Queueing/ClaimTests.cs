using Capstan.Queueing;
using Xunit;

namespace Capstan.Runtime.Tests.Queueing;

public sealed class ClaimTests : IDisposable
{
    private readonly ManualTime time = new();
    private readonly WorkQueue<string> queue;

    public ClaimTests() => queue = new(new() { TimeProvider = time });

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public void Dispose() => queue.Dispose();

    [Fact]
    public async Task A_claimed_key_is_with_no_worker_until_it_is_given_back()
    {
        Assert.True(await queue.TakeAsync("a", Patience));
        queue.Add("a");
        Assert.False(queue.TryGet(out _));
        queue.Done("a");
        Assert.True(queue.TryGet(out var item) && item.Key == "a");
    }

    [Fact]
    public async Task A_run_that_was_asked_for_comes_after_the_claim()
    {
        queue.Add("ready", Priority.Drift);
        queue.AddAfter("delayed", TimeSpan.FromSeconds(5));
        Assert.True(await queue.TakeAsync("ready", Patience) && await queue.TakeAsync("delayed", Patience));
        Assert.Equal((0, 2, 1), (queue.Depth, queue.Running, queue.Delayed));
        queue.Done("ready");
        queue.Done("delayed");
        Assert.Equal((1, 0, 1), (queue.Depth, queue.Running, queue.Delayed));
        Assert.True(queue.TryGet(out var item));
        Assert.Equal(Priority.Drift, item.Priority);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, queue.Depth);
    }

    [Fact]
    public async Task Those_who_wait_for_a_key_get_it_in_their_order_before_the_workers()
    {
        queue.Add("a");
        Assert.True(queue.TryGet(out _));
        queue.Add("a");
        var first = queue.TakeAsync("a", Patience).AsTask();
        var second = queue.TakeAsync("a", Patience).AsTask();
        queue.Done("a");
        Assert.True(await first);
        Assert.False(second.IsCompleted || queue.TryGet(out _));
        queue.Done("a");
        Assert.True(await second);
        queue.Done("a");
        Assert.True(queue.TryGet(out _));
        queue.Done("a");
        Assert.Equal((0, 0), (queue.Depth, queue.Running));
    }

    [Fact]
    public async Task Who_gives_up_waiting_takes_no_key_with_it_and_a_shutdown_releases_all()
    {
        Assert.True(await queue.TakeAsync("a", Patience));
        using var cancellation = new CancellationTokenSource();
        var gone = queue.TakeAsync("a", cancellation.Token).AsTask();
        var patient = queue.TakeAsync("a", Patience).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        queue.Done("a");
        Assert.True(await patient);
        var late = queue.TakeAsync("a", Patience).AsTask();
        queue.ShutDown();
        Assert.False(await late);
        Assert.False(await queue.TakeAsync("b", Patience));
        queue.Done("a");
    }
}
