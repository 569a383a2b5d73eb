using Capstan.Cluster.Node.Serving.Spdy;
using Capstan.Cluster.Node.Serving.Streams;
using Microsoft.AspNetCore.Http;

namespace Capstan.Cluster.Node.Serving;

/// <summary>What a request for exec or attach wants, and the streams that it opens.</summary>
internal sealed record CommandRequest(IReadOnlyList<string> Command, bool HasInput, bool HasOutput, bool HasError, bool HasTerminal)
{
    private static readonly TimeSpan StreamsTimeout = TimeSpan.FromSeconds(30);
    private static readonly string[] SocketProtocols = ["v5.channel.k8s.io", "v4.channel.k8s.io", "v4.base64.channel.k8s.io", "channel.k8s.io", "base64.channel.k8s.io"];
    private static readonly string[] SpdyProtocols = ["v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io"];

    public static CommandRequest Parse(IQueryCollection query)
    {
        bool Flag(string name) => query[name].ToString() is "1" or "true";
        var terminal = Flag("tty");

        // A terminal has one output.
        return new([.. query["command"].Select(c => c ?? "")], Flag("input"), Flag("output"), Flag("error") && !terminal, terminal);
    }

    /// <summary>Whether anything goes between client and command at all.</summary>
    public bool HasStreams => HasInput || HasOutput || HasError;

    /// <summary>Upgrades the connection; null when it was answered with a refusal.</summary>
    /// <exception cref="IOException">The client left.</exception>
    public async Task<CommandStreams?> OpenAsync(HttpContext http, TimeProvider time)
    {
        if (Handshake.IsWebSocket(http.Request) && Handshake.SocketProtocol(http.Request, SocketProtocols) is { } protocol)
        {
            var socket = new ChannelSocket(await Handshake.AcceptSocketAsync(http, protocol), protocol.Contains("base64", StringComparison.Ordinal));

            // Tells the client that all is set up.
            await socket.WriteAsync(HasOutput ? (byte)1 : HasError ? (byte)2 : (byte)3, ReadOnlyMemory<byte>.Empty, http.RequestAborted);
            return new SocketCommandStreams(socket, VersionOf(protocol));
        }

        if (!Handshake.IsSpdy(http.Request) || Handshake.SpdyProtocol(http.Request, SpdyProtocols) is not { } version)
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            http.Response.Headers["X-Accepted-Stream-Protocol-Versions"] = SpdyProtocols;
            await http.Response.WriteAsync("unable to upgrade: unable to negotiate protocol", http.RequestAborted);
            return null;
        }

        var connection = new SpdyConnection(await Handshake.AcceptSpdyAsync(http, version), isClient: false);
        var streams = new SpdyCommandStreams(connection, VersionOf(version), Expected(VersionOf(version)));
        try
        {
            await streams.Complete.WaitAsync(StreamsTimeout, time, http.RequestAborted);
            return streams;
        }
        catch
        {
            await streams.DisposeAsync();
            throw;
        }
    }

    private List<string> Expected(int version)
    {
        List<string> expected = ["error"];
        foreach (var (wanted, name) in ((bool, string)[])[(HasInput, "stdin"), (HasOutput, "stdout"), (HasError, "stderr"), (HasTerminal && version >= 3, "resize")])
        {
            if (wanted)
            {
                expected.Add(name);
            }
        }

        return expected;
    }

    private static int VersionOf(string protocol) => protocol is ['v', >= '0' and <= '9' and var digit, ..] ? digit - '0' : 1;
}
