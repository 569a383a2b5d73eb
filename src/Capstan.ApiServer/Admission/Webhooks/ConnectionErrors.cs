using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Capstan.ApiServer.Admission.Webhooks;

/// <summary>Why a server was not reached, in the words in which clients know it from Kubernetes.</summary>
internal static class ConnectionErrors
{
    public static string Text(Exception error, Uri? url) => (error, error.InnerException) switch
    {
        (_, WebhookFailure failure) => failure.Message,
        (_, SocketException socket) => Text(socket, url),
        (_, AuthenticationException { InnerException: null } refused) => refused.Message,
        (_, AuthenticationException refused) => $"tls: {refused.InnerException!.Message}",
        (HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded }, _) => "EOF",
        (HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded }, _) => "the response is too large",
        (HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse }, _) => "net/http: HTTP/1.x transport connection broken: malformed HTTP response",
        (HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }, _) => "tls: first record does not look like a TLS handshake",
        (_, { } inner) => inner.Message,
        _ => error.Message,
    };

    /// <summary>The same of an attempt to connect.</summary>
    public static string Text(SocketException error, Uri? url) => error.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => $"dial tcp: lookup {url?.IdnHost}: no such host",
        SocketError.ConnectionReset => "read: connection reset by peer",
        _ => $"dial tcp {url?.IdnHost}:{url?.Port.ToString(CultureInfo.InvariantCulture)}: {Reason(error)}",
    };

    /// <summary>What the system says of an attempt to connect.</summary>
    public static string Reason(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connect: connection refused",
        SocketError.NetworkUnreachable => "connect: network is unreachable",
        SocketError.HostUnreachable => "connect: no route to host",
        SocketError.TimedOut => "i/o timeout",
        _ => $"connect: {error.Message}",
    };
}
