using System.Buffers.Binary;
using System.Net;
using System.Text;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Node.Probes;

/// <summary>Asks a server of gRPC how it is, by the protocol <c>grpc.health.v1.Health</c>: one message each way, over HTTP/2 without TLS, as a kubelet asks.</summary>
internal static class GrpcHealth
{
    // Of a message: whether it is compressed, and its length.
    private const int Prefix = 5;
    private const int MaxAnswer = 1 << 10;
    private const byte StringField1 = 0x0a;
    private const byte NumberField1 = 0x08;
    private const int Serving = 1;
    private const int Unimplemented = 12;

    private static readonly string[] Statuses = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseCookies = false, UseProxy = false, AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.Zero })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Asks once.</summary>
    /// <param name="host">Whom.</param>
    /// <param name="action">Port, and the name that is asked about.</param>
    /// <param name="timeoutSeconds">For messages; the token ends the call.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<ProbeAnswer> CheckAsync(string host, GrpcAction action, int timeoutSeconds, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{host}:{action.Port}/grpc.health.v1.Health/Check")
            {
                Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent(Message(action.Service ?? "")),
            };
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
            request.Headers.TryAddWithoutValidation("TE", "trailers");
            request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.36");
            using var answer = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var body = await ReadAsync(answer, cancellationToken);
            return Judge(answer, body);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or UriFormatException)
        {
            return new(IsGood: false, $"timeout: failed to connect service \"{host}:{action.Port}\" within {timeoutSeconds}s: {fault.GetBaseException().Message}");
        }
    }

    private static ProbeAnswer Judge(HttpResponseMessage answer, byte[] body)
    {
        // A failure at once has its status in the headers, since it has no body.
        var (status, message) = (Header(answer, "grpc-status"), Header(answer, "grpc-message"));
        if (status is not "0")
        {
            return new(IsGood: false, status == $"{Unimplemented}"
                ? $"error: this server does not implement the grpc health protocol (grpc.health.v1.Health): {message}"
                : $"error: health rpc probe failed: rpc error: code = {status ?? $"HTTP {(int)answer.StatusCode}"} desc = {message}");
        }

        return StatusOf(body) is Serving
            ? new(IsGood: true, "service healthy")
            : new(IsGood: false, $"service unhealthy (responded with \"{(StatusOf(body) is >= 0 and < 4 and var known ? Statuses[known] : "UNKNOWN")}\")");
    }

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.TrailingHeaders.TryGetValues(name, out var trailing) ? trailing.First() : answer.Headers.TryGetValues(name, out var leading) ? leading.First() : null;

    /// <summary>The one field of the answer; none is the first value.</summary>
    private static int StatusOf(ReadOnlySpan<byte> body) => body.Length >= Prefix + 2 && body[Prefix] == NumberField1 ? body[Prefix + 1] : 0;

    private static byte[] Message(string service)
    {
        var name = Encoding.UTF8.GetBytes(service);
        using var message = new MemoryStream();
        if (name.Length > 0)
        {
            message.WriteByte(StringField1);
            for (var rest = (uint)name.Length; ; rest >>= 7)
            {
                message.WriteByte((byte)(rest > 0x7f ? rest | 0x80 : rest));
                if (rest <= 0x7f)
                {
                    break;
                }
            }

            message.Write(name);
        }

        var whole = new byte[Prefix + message.Length];
        BinaryPrimitives.WriteUInt32BigEndian(whole.AsSpan(1), (uint)message.Length);
        message.ToArray().CopyTo(whole, Prefix);
        return whole;
    }

    /// <summary>The start of the body, and all of it read: the trailers come behind.</summary>
    private static async Task<byte[]> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var (start, rest) = (new byte[MaxAnswer], new byte[MaxAnswer]);
        var read = await stream.ReadAtLeastAsync(start, MaxAnswer, throwOnEndOfStream: false, cancellationToken);
        while (await stream.ReadAsync(rest, cancellationToken) > 0)
        {
            // Nobody needs it.
        }

        return start[..read];
    }
}
