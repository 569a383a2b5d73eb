using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests.Hostile;

/// <summary>A connection of the admin that sends bytes as they stand: what no HTTP client would send.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private readonly TcpClient _tcp = new();
    private SslStream? _tls;

    public static async Task<RawConnection> OpenAsync(TestServer server)
    {
        var connection = new RawConnection();
        await connection._tcp.ConnectAsync(IPAddress.Loopback, server.Server.Port, TestContext.Current.CancellationToken);
        connection._tls = new SslStream(connection._tcp.GetStream(), false, (_, _, _, _) => true);
        await connection._tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", ClientCertificates = [server.Server.AdminCertificate] }, TestContext.Current.CancellationToken);
        return connection;
    }

    /// <summary>One request, and the answer to it; the server may answer, and hang up, before it has read everything.</summary>
    public static async Task<RawAnswer> AskAsync(TestServer server, params byte[][] pieces)
    {
        await using var connection = await OpenAsync(server);
        var answer = connection.AnswerAsync();
        foreach (var piece in pieces)
        {
            if (!await connection.TrySendAsync(piece))
            {
                break;
            }
        }

        return await answer;
    }

    public static Task<RawAnswer> AskAsync(TestServer server, string request) => AskAsync(server, Encoding.Latin1.GetBytes(request));

    public async Task<bool> TrySendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await _tls!.WriteAsync(bytes, TestContext.Current.CancellationToken);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Says that nothing more comes, and keeps listening.</summary>
    public Task FinishAsync() => _tls!.ShutdownAsync();

    /// <summary>Reads until the server hangs up.</summary>
    public async Task<RawAnswer> AnswerAsync()
    {
        var bytes = new MemoryStream();
        try
        {
            await _tls!.CopyToAsync(bytes, TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // Cut off: what came before counts.
        }

        return RawAnswer.Parse(bytes.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        if (_tls is not null)
        {
            await _tls.DisposeAsync();
        }

        _tcp.Dispose();
    }
}

/// <summary>What came back; code 0 when nothing did.</summary>
internal sealed record RawAnswer(int Code, string Head, string Body)
{
    public JsonNode Status => JsonNode.Parse(Body)!;

    public static RawAnswer Parse(byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return new RawAnswer(0, text, "");
        }

        return new RawAnswer(int.Parse(text.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture), text[..end], text[(end + 4)..]);
    }
}
