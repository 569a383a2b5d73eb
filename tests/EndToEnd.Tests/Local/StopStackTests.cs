using Capstan.Tool.Local;

namespace EndToEnd.Tests.Local;

/// <summary>How the parts of <c>capstan local</c> end, whatever state they are in.</summary>
public sealed class StopStackTests
{
    [Fact]
    public async Task The_last_part_is_stopped_first_one_that_still_starts_is_waited_for_and_one_that_failed_is_passed_over()
    {
        var stopped = new List<string>();
        var slow = new TaskCompletionSource<Part>();
        var parts = new StopStack();
        parts.Add(new Part("first", stopped));
        var starting = parts.Start(() => slow.Task);
        var failing = parts.Start<Part>(() => throw new TimeoutException("no"));
        parts.Add(new Part("last", stopped));
        await Assert.ThrowsAsync<TimeoutException>(() => failing);

        var end = parts.DisposeAsync().AsTask();
        Assert.False(end.IsCompleted, "it does not wait for what is starting");
        Assert.Equal(["last"], stopped);
        slow.SetResult(new Part("slow", stopped));
        await end;
        Assert.Equal("slow", (await starting).Name);
        Assert.Equal(["last", "slow", "first"], stopped);
    }

    private sealed record Part(string Name, List<string> Stopped) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            Stopped.Add(Name);
            return ValueTask.CompletedTask;
        }
    }
}
