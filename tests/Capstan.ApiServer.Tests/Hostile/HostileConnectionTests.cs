using System.Text;
using Xunit;

namespace Capstan.ApiServer.Tests.Hostile;

/// <summary>Bodies that do not end, end too early or come drop by drop: each costs the server next to nothing.</summary>
[Collection(Name)]
public sealed class HostileConnectionTests(TestServer server) : IClassFixture<TestServer>
{
    public const string Name = "hostile connections";

    private const string Create = "POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n";
    private const int Large = 100 << 20;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_of_100_MB_is_refused_without_being_kept(bool chunked)
    {
        var before = GC.GetTotalAllocatedBytes();
        var piece = Encoding.ASCII.GetBytes(new string(' ', 1 << 16));
        var framed = chunked ? [.. "10000\r\n"u8, .. piece, .. "\r\n"u8] : piece;
        var head = Encoding.ASCII.GetBytes(Create + (chunked ? "Transfer-Encoding: chunked\r\n\r\n" : $"Content-Length: {Large}\r\n\r\n"));
        var answer = await RawConnection.AskAsync(server, [head, .. Enumerable.Repeat(framed, Large / piece.Length)]);
        Assert.Equal(413, answer.Code);
        Assert.Equal("RequestEntityTooLarge", (string?)answer.Status["reason"]);
        var allocated = GC.GetTotalAllocatedBytes() - before;
        Assert.True(allocated < 32 << 20, $"{allocated >> 20} MB were allocated");
    }

    [Theory]
    [InlineData("Content-Length: 500\r\n\r\n{\"metadata\":{\"name\":\"half\"}}")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nff\r\n{\"metadata\":{\"name\":\"half\"}}")]
    public async Task A_body_that_ends_too_early_creates_nothing(string rest)
    {
        await using (var connection = await RawConnection.OpenAsync(server))
        {
            await connection.TrySendAsync(Encoding.ASCII.GetBytes(Create + rest));
            await connection.FinishAsync();
            Assert.True((await connection.AnswerAsync()).Code is 0 or 400);
        }

        Assert.Equal(404, (int)(await server.GetAsync("/api/v1/namespaces/default/configmaps/half")).Code);
    }

    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nzz\r\n{")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{")]
    [InlineData("Content-Length: -5\r\n\r\n{}")]
    [InlineData("Content-Length: abc\r\n\r\n{}")]
    [InlineData("Content-Length: 99999999999999999999\r\n\r\n{}")]
    [InlineData("Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}")]
    [InlineData("Transfer-Encoding: gzip\r\n\r\n{}")]
    public async Task A_body_whose_length_is_nonsense_is_400(string rest) => Assert.Equal(400, (await RawConnection.AskAsync(server, Create + rest)).Code);

    [Fact]
    public async Task A_hundred_bodies_that_never_come_keep_nobody_waiting()
    {
        List<RawConnection> slow = [];
        for (var i = 0; i < 100; i++)
        {
            var connection = await RawConnection.OpenAsync(server);
            await connection.TrySendAsync(Encoding.ASCII.GetBytes(Create + "Content-Length: 100000\r\n\r\n{"));
            slow.Add(connection);
        }

        var ns = await server.NamespaceAsync();
        Assert.Equal(201, (int)(await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", """{"metadata":{"name":"quick"}}""")).Code);
        foreach (var connection in slow)
        {
            await connection.DisposeAsync();
        }

        Assert.Equal("ok", (await server.GetAsync("/readyz")).Text);
    }

    [Fact]
    public async Task A_body_that_comes_drop_by_drop_is_cut_off()
    {
        // Five seconds of grace, then so many bytes a second: less is no client.
        await using var connection = await RawConnection.OpenAsync(server);
        await connection.TrySendAsync(Encoding.ASCII.GetBytes(Create + "Content-Length: 100000\r\n\r\n{"));
        Assert.Equal(408, (await connection.AnswerAsync()).Code);
    }

    [Fact]
    public async Task Headers_without_end_are_cut_off()
    {
        var flood = Enumerable.Range(0, 3000).Select(i => Encoding.ASCII.GetBytes($"A{i}: {new string('b', 1000)}\r\n"));
        var answer = await RawConnection.AskAsync(server, [Encoding.ASCII.GetBytes("GET /version HTTP/1.1\r\nHost: x\r\n"), .. flood]);
        Assert.Equal(431, answer.Code);
    }
}

/// <summary>What is allocated meanwhile can only be told while nothing else runs.</summary>
[CollectionDefinition(HostileConnectionTests.Name, DisableParallelization = true)]
public sealed class AloneWithHostileConnections;
