using Capstan.ApiServer.Storage.Durable;
using Xunit;
using static Capstan.ApiServer.Tests.Storage.Durable.DiskStore;

namespace Capstan.ApiServer.Tests.Storage.Durable;

public sealed class DurableStoreTests
{
    [Fact]
    public async Task Everything_is_there_again_and_revisions_go_on()
    {
        await using var disk = new DiskStore();
        await disk.PutAsync("a", "1");
        await disk.PutAsync("b", "1");
        await disk.PutAsync("a", "2");
        await disk.RemoveAsync("b");
        await disk.PutAsync("escaped", "\"\u0001ä\u2028");
        var before = disk.State;
        var last = disk.Store.Revision;

        await disk.ReopenAsync();

        Assert.Equal(before, disk.State);
        Assert.Equal(105, last);
        Assert.Equal(last + 1, disk.Put("c", "1").Revision);
        var labels = disk.Store.Find(ConfigMaps, new ObjectKey("n", "a"))!.Labels!;
        Assert.Equal("2", labels["l"]);
    }

    [Fact]
    public async Task What_the_log_still_has_can_be_watched_from_after_a_restart()
    {
        await using var disk = new DiskStore();
        await disk.PutAsync("a", "1");
        var then = disk.Store.Revision;
        await disk.PutAsync("a", "2");
        await disk.RemoveAsync("a");

        await disk.ReopenAsync();

        Assert.Equal(["a", "a"], disk.Store.Log(ConfigMaps).Since(then)!.Select(c => c.Key.Name));
        Assert.Equal(1, disk.Store.ReadAt(ConfigMaps, then)!.Value.Objects.Count);
        Assert.Null(disk.Store.ReadAt(ConfigMaps, 99));
    }

    [Fact]
    public async Task Writers_go_on_at_once_and_clients_see_only_what_is_on_the_disk()
    {
        await using var disk = new DiskStore();
        using var held = new SemaphoreSlim(0);
        disk.Fail(_ => held.Wait(TestContext.Current.CancellationToken));
        var seen = new List<long>();
        disk.Store.Observe(ConfigMaps, change => seen.Add(change.Revision));

        disk.Put("a", "1");
        disk.Put("a", "2");
        var committed = disk.Store.CommittedAsync(disk.Store.Mark);

        Assert.Equal(102, disk.Store.Revision);
        Assert.NotNull(disk.Store.Find(ConfigMaps, new ObjectKey("n", "a")));
        Assert.Equal(100, disk.Store.CommittedRevision);
        Assert.Null(disk.Store.FindCommitted(ConfigMaps, new ObjectKey("n", "a")));
        Assert.Equal(0, disk.Store.ReadCommitted(ConfigMaps).Objects.Count);
        Assert.Empty(disk.Store.Log(ConfigMaps).Since(100)!);
        Assert.Empty(seen);
        Assert.False(committed.IsCompleted);

        held.Release(2);
        await committed;

        Assert.Equal(102, disk.Store.CommittedRevision);
        Assert.Equal([101L, 102], seen);
        Assert.Equal(2, disk.Store.Log(ConfigMaps).Since(100)!.Count);
    }

    [Fact]
    public async Task A_full_disk_refuses_writes_loses_nothing_and_goes_on_when_there_is_room()
    {
        await using var disk = new DiskStore();
        await disk.PutAsync("a", "1");
        var before = disk.State;

        disk.Fail(_ => throw new IOException("No space left on device"));
        var mark = disk.Store.Mark;
        disk.Put("a", "2");
        disk.Put("b", "1");
        var refused = await Assert.ThrowsAsync<StorageException>(() => disk.Store.CommittedAsync(mark));
        Assert.Contains("No space left on device", refused.Message, StringComparison.Ordinal);

        // Whoever comes late to wait learns it too: nothing that failed is ever taken for stored.
        await Assert.ThrowsAsync<StorageException>(() => disk.Store.CommittedAsync(mark));
        await disk.Store.CommittedAsync(disk.Store.Mark);
        Assert.Equal(before, disk.State);
        Assert.Null(disk.Store.Find(ConfigMaps, new ObjectKey("n", "b")));
        await Assert.ThrowsAsync<StorageException>(() => disk.PutAsync("c", "1"));

        disk.Fail(null);
        await disk.PutAsync("d", "1");
        await disk.RemoveAsync("a");
        var after = disk.State;
        await disk.ReopenAsync();

        Assert.Equal(after, disk.State);
        Assert.Equal(1, disk.Told.Count(t => t.Contains("cannot be stored", StringComparison.Ordinal)));
        Assert.Contains(disk.Told, t => t.Contains("stored again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_observer_that_fails_stops_neither_writes_nor_watches()
    {
        await using var disk = new DiskStore();
        disk.Store.Observe(ConfigMaps, change => throw new InvalidOperationException(change.Key.Name));
        await disk.PutAsync("a", "1");
        await disk.PutAsync("b", "1");
        Assert.Equal(2, disk.Store.Log(ConfigMaps).Since(100)!.Count);
        Assert.Equal(2, disk.Told.Count(t => t.Contains("what follows from a write", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_batch_that_failed_half_way_is_no_part_of_the_log_that_goes_on()
    {
        await using var disk = new DiskStore();
        await disk.PutAsync("a", "1");
        disk.Fail(_ => throw new IOException("No space left on device"));
        await Assert.ThrowsAsync<StorageException>(() => disk.PutAsync("a", "2"));
        disk.Fail(null);
        var first = disk.LogFile;
        await disk.PutAsync("b", "1");
        var state = disk.State;
        await disk.Store.DisposeAsync();

        // What a write that the disk refused may leave behind.
        await File.AppendAllBytesAsync(first, new byte[100], TestContext.Current.CancellationToken);
        disk.Open();

        Assert.Equal(state, disk.State);
    }

    [Fact]
    public async Task One_store_at_a_time_has_a_directory()
    {
        await using var disk = new DiskStore();
        var refused = Assert.Throws<DataDirectoryException>(() => new DiskStore(disk.Path));
        Assert.Contains("is used by another process", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_log_gives_way_to_a_snapshot()
    {
        await using var disk = new DiskStore();
        await disk.PutAsync("gone", "1");
        await disk.RemoveAsync("gone");
        var large = new string('x', 1 << 20);
        for (var i = 0; i < 40; i++)
        {
            await disk.PutAsync($"o{i % 7}", large);
        }

        await disk.PutAsync("last", "1");
        var state = disk.State;
        await disk.ReopenAsync();

        Assert.Equal(state, disk.State);
        Assert.Single(Directory.GetFiles(disk.Path, "snapshot-*"));
        Assert.Single(Directory.GetFiles(disk.Path, "log-*"));
        Assert.InRange(new FileInfo(disk.LogFile).Length, 0, 40 << 20);

        // Before the snapshot nothing is known.
        Assert.Null(disk.Store.Log(ConfigMaps).Since(101));
    }

    [Fact]
    public async Task Many_writers_at_once_share_a_flush()
    {
        await using var disk = new DiskStore();
        var flushes = 0;
        disk.Fail(_ => flushes++);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                await disk.PutAsync($"w{writer}-{i}", "1");
            }
        })));

        TestContext.Current.TestOutputHelper?.WriteLine($"{flushes} flushes for 800 writes");
        Assert.InRange(flushes, 1, 799);
        var state = disk.State;
        await disk.ReopenAsync();
        Assert.Equal(state, disk.State);
        Assert.Equal(900, disk.Store.Revision);
    }
}
