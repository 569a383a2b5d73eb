using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Capstan.Cluster.Node.Serving.Streams;

/// <summary>Turns a request into what comes after HTTP: a WebSocket with one of the wanted subprotocols, or the bare connection for SPDY.</summary>
internal static class Handshake
{
    private const string Spdy = "SPDY/3.1";
    private const string WebSocketGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private const string VersionHeader = "X-Stream-Protocol-Version";

    public static bool IsWebSocket(HttpRequest request) => request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase);

    public static bool IsSpdy(HttpRequest request) => request.Headers.Upgrade.ToString().Equals(Spdy, StringComparison.OrdinalIgnoreCase);

    /// <summary>The first protocol that a client wants of a WebSocket and that is known here; empty when it wants none in particular, null when none is known.</summary>
    public static string? SocketProtocol(HttpRequest request, IReadOnlyCollection<string> known) => Choose(Words(request.Headers["Sec-WebSocket-Protocol"]), known);

    /// <summary>The same of SPDY.</summary>
    public static string? SpdyProtocol(HttpRequest request, IReadOnlyCollection<string> known) => Choose(Words(request.Headers[VersionHeader]), known);

    /// <summary>Answers 101; the socket is the caller's to dispose.</summary>
    public static async Task<WebSocket> AcceptSocketAsync(HttpContext http, string protocol)
    {
        var key = http.Request.Headers["Sec-WebSocket-Key"].ToString();
        http.Response.Headers.Upgrade = "websocket";
#pragma warning disable CA5350 // of the WebSocket protocol; it keeps nothing secret
        http.Response.Headers["Sec-WebSocket-Accept"] = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + WebSocketGuid)));
#pragma warning restore CA5350
        if (protocol.Length > 0)
        {
            http.Response.Headers["Sec-WebSocket-Protocol"] = protocol;
        }

        var stream = await http.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();

        // It is not told its protocol: the name of kubectl's tunnel has a slash, which .NET refuses in one.
        return WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.FromSeconds(30) });
    }

    /// <summary>Answers 101; the stream is the caller's to dispose.</summary>
    public static async Task<Stream> AcceptSpdyAsync(HttpContext http, string protocol)
    {
        http.Response.Headers.Upgrade = Spdy;
        if (protocol.Length > 0)
        {
            http.Response.Headers[VersionHeader] = protocol;
        }

        return await http.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
    }

    private static List<string> Words(IEnumerable<string?> values) => [.. values.SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];

    private static string? Choose(List<string> wanted, IReadOnlyCollection<string> known) => wanted.Count == 0 ? "" : wanted.FirstOrDefault(known.Contains);
}
