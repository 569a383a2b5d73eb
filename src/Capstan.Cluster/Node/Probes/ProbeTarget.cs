using System.Net;
using System.Net.Sockets;
using System.Text;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Node.Probes;

/// <summary>What came of asking a container once.</summary>
/// <param name="IsGood">Whether all is well.</param>
/// <param name="Output">What it said.</param>
/// <param name="IsUnknown">It could not be asked at all: counts neither way.</param>
internal readonly record struct ProbeAnswer(bool IsGood, string Output, bool IsUnknown = false);

/// <summary>Asks a container, over the network or by a command.</summary>
/// <param name="container">It.</param>
/// <param name="address">Of its pod.</param>
/// <param name="run">Runs a command in it; gives its exit code and what it wrote.</param>
internal sealed class ProbeTarget(Container container, IPAddress address, Func<IReadOnlyList<string>, CancellationToken, Task<(int Code, string Output)>> run)
{
    private const int MaxOutput = 10 << 10;
    private const int MaxRedirects = 10;

    // Certificates of programs in pods are their own: a kubelet does not check them either.
    private static readonly HttpClient Http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero,
        SslOptions = new() { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Asks once. Only a cancelled <paramref name="stop"/> throws.</summary>
    public async Task<ProbeAnswer> AskAsync(Probe probe, TimeProvider time, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(Math.Max(1, probe.TimeoutSeconds ?? 1)), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        try
        {
            return probe.Exec?.Command is { } command ? await ExecAsync(command, either.Token)
                : probe.HttpGet is { } get ? await GetAsync(get, either.Token)
                : probe.Grpc is { } grpc ? await GrpcHealth.CheckAsync(address.ToString(), grpc, probe.TimeoutSeconds ?? 1, either.Token)
                : probe.TcpSocket is { } socket ? await ConnectAsync(HostOf(socket.Host), PortOf(socket.Port), either.Token)
                : new(IsGood: true, "");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new(IsGood: false, probe.Grpc is not null ? $"timeout: health rpc did not complete within {probe.TimeoutSeconds ?? 1}s" : probe.Exec is not null ? $"command timed out: \"{string.Join(' ', probe.Exec.Command ?? [])}\" timed out after {probe.TimeoutSeconds ?? 1}s" : "context deadline exceeded");
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            return new(IsGood: false, fault.Message, IsUnknown: true);
        }
    }

    /// <summary>A request of http; what it answers with from 200 to 399 is good. Redirects are followed on the same host, those to another are good.</summary>
    public async Task<ProbeAnswer> GetAsync(HttpGetAction get, CancellationToken cancellationToken)
    {
        var (scheme, host, port) = ((get.Scheme ?? "HTTP").ToLowerInvariant(), HostOf(get.Host), PortOf(get.Port));
        var path = get.Path is { Length: > 0 } given ? given[0] == '/' ? given : "/" + given : "/";
        var url = $"{scheme}://{host}:{port}{path}";
        try
        {
            var at = new Uri(url);
            for (var redirects = 0; redirects <= MaxRedirects; redirects++)
            {
                using var request = Request(at, get);
                using var answer = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                var code = (int)answer.StatusCode;
                if (code is >= 300 and < 400 && answer.Headers.Location is { } location && new Uri(at, location) is var next && next.Host == at.Host)
                {
                    at = next;
                    continue;
                }

                return code is >= 200 and < 400 ? new(IsGood: true, "") : new(IsGood: false, $"HTTP probe failed with statuscode: {code}");
            }

            return new(IsGood: false, $"Get \"{at}\": stopped after {MaxRedirects} redirects");
        }
        catch (Exception fault) when (fault is HttpRequestException or UriFormatException or InvalidOperationException or FormatException)
        {
            return new(IsGood: false, $"Get \"{url}\": {(fault.GetBaseException() is SocketException refused ? $"dial tcp {host}:{port}: connect: {refused.Message.ToLowerInvariant()}" : fault.Message)}");
        }
    }

    private static HttpRequestMessage Request(Uri url, HttpGetAction get)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.36");
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        foreach (var header in get.HttpHeaders ?? [])
        {
            request.Headers.Remove(header.Name);
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        return request;
    }

    private async Task<ProbeAnswer> ExecAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var (code, output) = await run(command, cancellationToken);
        return new(code == 0, Encoding.UTF8.GetByteCount(output) > MaxOutput ? output[..Math.Min(output.Length, MaxOutput)] : output);
    }

    private static async Task<ProbeAnswer> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync(host, port, cancellationToken);
            return new(IsGood: true, "");
        }
        catch (Exception fault) when (fault is SocketException or ArgumentException)
        {
            return new(IsGood: false, $"dial tcp {host}:{port}: connect: {fault.Message.ToLowerInvariant()}");
        }
    }

    // This machine's own names are the pod's in a pod.
    private string HostOf(string? host) => host is null or "" or "localhost" or "127.0.0.1" ? address.ToString() : host;

    private int PortOf(IntOrString port) => port.Number
        ?? container.Ports?.Find(candidate => candidate.Name == port.Text)?.Number
        ?? (int.TryParse(port.Text, out var number) ? number : 0);
}
