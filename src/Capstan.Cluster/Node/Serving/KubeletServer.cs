using System.Net;
using System.Net.WebSockets;
using System.Text;
using Capstan.Cluster.Node.Processes;
using Capstan.Cluster.Node.Serving.Logs;
using Capstan.Cluster.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Cluster.Node.Serving;

/// <summary>The HTTPS face of the node, as a kubelet has it: logs, commands, port-forward and usage of its pods. The API server calls it; nobody else may.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class KubeletServer : IAsyncDisposable
{
    private const string Masters = "system:masters";

    private readonly RunningPods _pods;
    private readonly ClientCertificates _clients;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private HttpsEndpoint? _endpoint;

    private KubeletServer(RunningPods pods, string authorityPem, TimeProvider time)
    {
        _pods = pods;
        _clients = new ClientCertificates(authorityPem, time);
        _time = time;
    }

    /// <summary>The port that is bound, on 127.0.0.1.</summary>
    public int Port => _endpoint!.Port;

    /// <summary>Starts to serve.</summary>
    /// <param name="pods">What runs here.</param>
    /// <param name="authorityPem">Who signed the certificate of the API server as a client: the authority of the kubeconfig.</param>
    /// <param name="port">Port on 127.0.0.1; 0 takes a free one.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Where logs go; null: nowhere.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<KubeletServer> StartAsync(RunningPods pods, string authorityPem, int port, TimeProvider time, ILoggerFactory? logs, CancellationToken cancellationToken)
    {
        var server = new KubeletServer(pods, authorityPem, time);
        try
        {
            server._endpoint = await HttpsEndpoint.StartAsync(new(IPAddress.Loopback, port), NodeObject.Name, server.AnswerAsync, logs ?? NullLoggerFactory.Instance, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends all that goes on, and stops to serve.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_endpoint is not null)
        {
            await _endpoint.DisposeAsync();
        }

        _clients.Dispose();
        _stop.Dispose();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        try
        {
            var client = _clients.Read(http.Connection.ClientCertificate);
            await (client is null ? RefuseAsync(http, 401, "Unauthorized")
                : !client.Value.Groups.Contains(Masters) ? RefuseAsync(http, 403, $"Forbidden (user={client.Value.User}, verb=get, resource=nodes, subresource=proxy)")
                : RouteAsync(http));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or WebSocketException && (http.Response.HasStarted || http.RequestAborted.IsCancellationRequested))
        {
            // The client left, or the node stops.
        }
    }

    private async Task RouteAsync(HttpContext http) => await (http.Request.Path.Value!.Trim('/').Split('/') switch
    {
        ["healthz"] => RefuseAsync(http, 200, "ok"),
        ["metrics", "resource"] => TextAsync(http, "text/plain; version=0.0.4; charset=utf-8", ResourceMetrics.Write(_pods, await ProcessWatch.Shared.NextAsync())),
        ["stats", "summary"] => TextAsync(http, "application/json", StatsSummary.Write(_pods, await ProcessWatch.Shared.NextAsync())),
        ["pods"] => TextAsync(http, "application/json", StatsSummary.WritePods(_pods)),
        ["containerLogs", var ns, var pod, var container] => LogsAsync(http, new(ns, pod), container),
        ["exec", var ns, var pod, .., var container] => CommandAsync(http, new(ns, pod), container, isAttach: false),
        ["attach", var ns, var pod, .., var container] => CommandAsync(http, new(ns, pod), container, isAttach: true),
        ["portForward", var ns, var pod, ..] => _pods.Find(new(ns, pod)) is { } found
            ? new PortForwarding(found).RunAsync(http, _stop.Token)
            : RefuseAsync(http, 404, "pod does not exist"),
        _ => RefuseAsync(http, 404, "404 page not found\n"),
    });

    private async Task LogsAsync(HttpContext http, ObjectKey key, string name)
    {
        if (LogOptions.Parse(http.Request.Query, _time.GetUtcNow()) is not { } options)
        {
            await RefuseAsync(http, 422, "{\"message\": \"Invalid request.\"}");
            return;
        }

        if (_pods.Find(key) is not { } pod)
        {
            await RefuseAsync(http, 404, $"pod \"{key.Name}\" does not exist");
            return;
        }

        if (pod.Find(name) is not { } container)
        {
            await RefuseAsync(http, 404, $"container \"{name}\" not found in pod \"{key.Name}\"");
            return;
        }

        var file = container.LogFile(options.Previous);
        if (!File.Exists(file))
        {
            if (options.Previous)
            {
                await RefuseAsync(http, 400, $"previous terminated container \"{name}\" in pod \"{key.Name}\" not found");
                return;
            }

            if (container.Facts is { State.Waiting: { } waiting, LastState: null })
            {
                var why = waiting.Reason is "ImagePullBackOff" or "ErrImagePull" ? $"trying and failing to pull image: {waiting.Reason}" : $"waiting to start: {waiting.Reason}";
                await RefuseAsync(http, 400, $"container \"{name}\" in pod \"{key.Name}\" is {why}");
                return;
            }
        }

        http.Response.ContentType = "text/plain";
        await http.Response.StartAsync(http.RequestAborted);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, _stop.Token);
        var run = container.Run;
        bool IsEnded() => options.Previous || run is null || run.Ended.IsCompleted;
        if (options.Follow)
        {
            await LogReader.WhenThereAsync(file, IsEnded, _time, ended.Token);
        }

        if (File.Exists(file))
        {
            await new LogReader(file, options, IsEnded, _time).WriteToAsync(http.Response.Body, ended.Token);
        }
    }

    private async Task CommandAsync(HttpContext http, ObjectKey key, string name, bool isAttach)
    {
        var request = CommandRequest.Parse(http.Request.Query);
        if (!request.HasStreams)
        {
            await RefuseAsync(http, 400, "you must specify at least 1 of stdin, stdout, stderr");
            return;
        }

        if (_pods.Find(key) is not { } pod)
        {
            await RefuseAsync(http, 404, "pod does not exist");
            return;
        }

        var container = pod.Find(name);
        if (container?.Run is not { Ended.IsCompleted: false } run)
        {
            await RefuseAsync(http, 404, $"container not found (\"{name}\")");
            return;
        }

        await using var streams = await request.OpenAsync(http, _time);
        if (streams is not null)
        {
            await (isAttach ? CommandRun.AttachAsync(streams, run, request, container.TakesInputOnce, _stop.Token) : CommandRun.ExecAsync(streams, run, request, _stop.Token));
        }
    }

    private static Task RefuseAsync(HttpContext http, int code, string text)
    {
        http.Response.StatusCode = code;
        return TextAsync(http, "text/plain; charset=utf-8", text);
    }

    private static async Task TextAsync(HttpContext http, string type, string text)
    {
        http.Response.ContentType = type;
        var bytes = Encoding.UTF8.GetBytes(text);
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }
}
