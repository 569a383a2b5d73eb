using Xunit;

namespace Capstan.ApiServer.Tests.Storage.Durable;

/// <summary>A short log, cut and damaged at every byte: what comes up is a state that was acknowledged, or a refusal that says where the damage is.</summary>
public sealed class LogDamageTests
{
    private const int HeaderSize = 48;

    /// <summary>States after each acknowledged write, and where the log ended then.</summary>
    private readonly List<(string State, long End)> _acknowledged = [];
    private byte[] _log = [];
    private string _name = "";

    [Fact]
    public async Task Cut_anywhere_it_comes_up_with_all_writes_before_the_cut()
    {
        await WriteAsync();
        for (var length = HeaderSize; length <= _log.Length; length++)
        {
            await using var disk = new DiskStore(DirectoryWith(_log[..length]));
            var last = _acknowledged.Last(a => a.End <= length);
            Assert.Equal(last.State, disk.State);
            Assert.Equal(length == last.End ? 0 : 1, disk.Told.Count(t => t.Contains("cut off", StringComparison.Ordinal)));

            // It goes on from there, and stays; not tried for every cut, as that flushes.
            if (length % 9 == 0 || length == last.End)
            {
                await disk.PutAsync("more", "1");
                var state = disk.State;
                await disk.ReopenAsync();
                Assert.Equal(state, disk.State);
            }
        }
    }

    [Fact]
    public async Task Damage_is_refused_wherever_later_writes_follow_and_taken_for_an_interrupted_write_at_the_end()
    {
        await WriteAsync();
        var lastBegins = _acknowledged[^2].End;
        for (var at = 0; at < _log.Length; at++)
        {
            var damaged = (byte[])_log.Clone();
            damaged[at] ^= (byte)(1 << (at % 8));
            var path = DirectoryWith(damaged);
            if (at is >= HeaderSize - 4 and < HeaderSize)
            {
                // Nothing stands there yet.
                await new DiskStore(path).DisposeAsync();
            }
            else if (at < lastBegins)
            {
                var refused = Assert.Throws<DataDirectoryException>(() => new DiskStore(path));
                var begins = at < HeaderSize ? 0 : _acknowledged.Last(a => a.End <= at).End;
                Assert.Contains(_name, refused.Message, StringComparison.Ordinal);
                Assert.True(at < HeaderSize || refused.Message.Contains($"offset {begins},", StringComparison.Ordinal), $"byte {at}: {refused.Message}");
                Assert.Equal(damaged, await File.ReadAllBytesAsync(Path.Combine(path, _name), TestContext.Current.CancellationToken));
                Directory.Delete(path, recursive: true);
            }
            else
            {
                await using var disk = new DiskStore(path);
                Assert.Equal(_acknowledged[^2].State, disk.State);
            }
        }
    }

    [Fact]
    public async Task A_batch_that_is_missing_is_seen()
    {
        await WriteAsync();
        var (from, to) = ((int)_acknowledged[1].End, (int)_acknowledged[2].End);
        var refused = Assert.Throws<DataDirectoryException>(() => new DiskStore(DirectoryWith([.. _log[..from], .. _log[to..]])));
        Assert.Contains($"offset {from}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_of_another_log_is_none_of_this_one()
    {
        await WriteAsync();
        var other = _log;
        var states = _acknowledged.ToList();
        _acknowledged.Clear();
        await WriteAsync();

        // The same revisions in the same places, as a disk may show what an older file had there.
        var mixed = (byte[])[.. _log[..(int)states[2].End], .. other[(int)states[2].End..]];
        await using var disk = new DiskStore(DirectoryWith(mixed));
        Assert.Equal(states[2].State, disk.State);
    }

    [Fact]
    public async Task A_format_of_tomorrow_is_refused_by_its_number()
    {
        await WriteAsync();
        var newer = (byte[])_log.Clone();
        newer[8] = 2;
        var checksum = Capstan.ApiServer.Storage.Durable.Crc32C.Of(newer.AsSpan(0, 40));
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(newer.AsSpan(40), checksum);
        var refused = Assert.Throws<DataDirectoryException>(() => new DiskStore(DirectoryWith(newer)));
        Assert.Contains("format version 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_checksum_is_the_one_of_the_standard() =>
        Assert.Equal(0xE3069283u, Capstan.ApiServer.Storage.Durable.Crc32C.Of("123456789"u8));

    private async Task WriteAsync()
    {
        await using var disk = new DiskStore();
        void Acknowledged() => _acknowledged.Add((disk.State, new FileInfo(disk.LogFile).Length));
        Acknowledged();
        await disk.PutAsync("a", "1");
        Acknowledged();
        await disk.PutAsync("b", "1");
        Acknowledged();

        // What an object says must never be taken for a batch.
        await disk.PutAsync("a", "\u0001CbT\u0001CbT\0\0\0\0");
        Acknowledged();
        await disk.RemoveAsync("b");
        Acknowledged();
        await disk.PutAsync("c", "end");
        Acknowledged();
        _name = Path.GetFileName(disk.LogFile);
        _log = await File.ReadAllBytesAsync(disk.LogFile, TestContext.Current.CancellationToken);
    }

    private string DirectoryWith(byte[] log)
    {
        var path = Directory.CreateTempSubdirectory("capstan-data-").FullName;
        File.WriteAllBytes(Path.Combine(path, _name), log);
        return path;
    }
}
