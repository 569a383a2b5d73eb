using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;
using Capstan.Cluster.Node.Serving.Spdy;

namespace Capstan.Cluster.Tests.Node.Serving;

public sealed class SpdyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Header_blocks_are_read_as_written_one_after_the_other()
    {
        var (writer, reader) = (new HeaderWriter(), new HeaderReader());
        using (reader)
        {
            Assert.Equal("data", reader.Read(writer.Write(new Dictionary<string, string> { ["streamType"] = "data", ["port"] = "80" }))["STREAMTYPE"]);
            var empty = writer.Write(new Dictionary<string, string>());
            Assert.Equal([0, 0, 0, 0xff, 0xff], empty[^5..]);
            Assert.Empty(reader.Read(empty));
            Assert.Equal("ü", reader.Read(writer.Write(new Dictionary<string, string> { ["x"] = "ü" }))["x"]);
        }
    }

    [Fact]
    public void What_is_no_header_block_is_refused()
    {
        foreach (var block in (byte[][])[[], [0x78], [0x78, 0x01], [0x78, 0x01, 1, 2, 3, 4, 5], [.. new byte[40]]])
        {
            using var reader = new HeaderReader();
            Assert.Throws<InvalidDataException>(() => reader.Read(block));
        }

        // A little that becomes very much.
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            zlib.Write([0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff]);
            zlib.Write(new byte[1 << 20]);
        }

        using var bomb = new HeaderReader();
        Assert.Throws<InvalidDataException>(() => bomb.Read(packed.ToArray()));
    }

    [Fact]
    public async Task Streams_carry_both_directions_end_one_by_one_and_fail_when_they_are_reset()
    {
        var (near, far) = Pair();
        using var client = new SpdyConnection(near, isClient: true);
        using var server = new SpdyConnection(far, isClient: false);
        var serving = server.RunAsync(
            stream =>
            {
                if (stream.Header("refuse") is not null)
                {
                    return false;
                }

                _ = EchoAsync(stream);
                return true;
            },
            Stop);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var reading = client.RunAsync(_ => false, leave.Token);
        var one = await client.OpenAsync(new Dictionary<string, string> { ["n"] = "1" }, Stop);
        var two = await client.OpenAsync(new Dictionary<string, string> { ["n"] = "2" }, Stop);
        var text = new string('x', 200_000);
        await one.WriteAsync(Encoding.ASCII.GetBytes(text), Stop);
        await two.WriteAsync("two"u8.ToArray(), Stop);
        await two.CloseAsync(Stop);
        Assert.Equal("2:two", await ReadAsync(two));
        await one.CloseAsync(Stop);
        Assert.Equal($"1:{text}", await ReadAsync(one));
        var refused = await client.OpenAsync(new Dictionary<string, string> { ["refuse"] = "" }, Stop);
        await Assert.ThrowsAsync<IOException>(() => ReadAsync(refused));
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        await near.DisposeAsync();
        await serving;
    }

    private static async Task EchoAsync(SpdyStream stream)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{stream.Header("n")}:"), Stop);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(await ReadAsync(stream)), Stop);
        await stream.CloseAsync(Stop);
    }

    private static async Task<string> ReadAsync(SpdyStream stream)
    {
        using var all = new MemoryStream();
        await stream.Input.CopyToAsync(all, Stop);
        return Encoding.ASCII.GetString(all.ToArray());
    }

    private static (Stream Near, Stream Far) Pair()
    {
        var (up, down) = (new Pipe(), new Pipe());
        return (new TwoWay(down.Reader, up.Writer), new TwoWay(up.Reader, down.Writer));
    }

    /// <summary>One end of two pipes.</summary>
    private sealed class TwoWay(PipeReader reader, PipeWriter writer) : Stream
    {
        private readonly Stream _from = reader.AsStream();
        private readonly Stream _to = writer.AsStream();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => _to.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => _to.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => _from.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _from.ReadAsync(buffer, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count) => _to.Write(buffer, offset, count);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _to.WriteAsync(buffer, cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _to.Dispose();
            _from.Dispose();
        }
    }
}
