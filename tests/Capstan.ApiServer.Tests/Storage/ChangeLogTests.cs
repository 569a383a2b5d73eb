using Capstan.ApiServer.Storage;
using Xunit;

namespace Capstan.ApiServer.Tests.Storage;

public sealed class ChangeLogTests
{
    private static Change At(long revision) => new(revision, null, Objects.Stored(new ObjectKey("n", $"o{revision}"), revision));

    [Fact]
    public void Keeps_a_window_and_cuts_whoever_fell_out_of_it()
    {
        var log = new ChangeLog(maxChanges: 10, maxBytes: 1 << 20, startsAt: 100);
        Assert.True(log.TryFind(100, out var slow));
        Assert.False(log.TryFind(99, out _));
        for (var revision = 101; revision <= 130; revision++)
        {
            log.Append(At(revision));
        }

        var changes = new List<Change>();
        Assert.False(log.TryRead(ref slow, changes, 100, out _));
        Assert.Equal(120, log.Compacted);
        Assert.False(log.TryFind(119, out _));
        Assert.True(log.TryFind(125, out var position));
        Assert.True(log.TryRead(ref position, changes, 3, out var more));
        Assert.Equal([126, 127, 128], changes.Select(c => c.Revision));
        Assert.True(more.IsCompleted);
        Assert.True(log.TryRead(ref position, changes, 100, out more));
        Assert.Equal([129, 130], changes.Select(c => c.Revision));
        Assert.False(more.IsCompleted);
    }

    [Fact]
    public void Is_bounded_by_bytes_too()
    {
        var log = new ChangeLog(maxChanges: 1000, maxBytes: 2000, startsAt: 100);
        for (var revision = 101; revision <= 150; revision++)
        {
            log.Append(At(revision));
        }

        Assert.InRange(150 - log.Compacted, 1, 10);
    }

    [Fact]
    public async Task Wakes_those_who_wait()
    {
        var log = new ChangeLog(10, 1 << 20, 100);
        log.TryFind(100, out var position);
        var changes = new List<Change>();
        log.TryRead(ref position, changes, 10, out var more);
        Assert.False(more.IsCompleted);
        log.Append(At(101)).TrySetResult();
        await more.WaitAsync(TestContext.Current.CancellationToken);
        Assert.True(log.TryRead(ref position, changes, 10, out _));
        Assert.Equal(101, Assert.Single(changes).Revision);
    }
}
