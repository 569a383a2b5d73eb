using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Access;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;
using Capstan.Schemas;
using Microsoft.AspNetCore.Http;

namespace Capstan.ApiServer.Proxy;

/// <summary>Logs, exec, attach, port-forward and proxy: what Kubernetes hands on to a kubelet or a pod. Refusals are worded as Kubernetes words them.</summary>
/// <remarks>
/// Connections that become another protocol are handed on as they are: the kubelet speaks it with the client, this server only carries bytes.
/// </remarks>
/// <param name="cluster">Pods, nodes and Services.</param>
/// <param name="authorization">Who may do what.</param>
/// <param name="clients">The connections.</param>
/// <param name="stopping">Ends them all.</param>
internal sealed class NodeConnections(ClusterState cluster, Authorization authorization, ProxyClients clients, CancellationToken stopping)
{
    private static readonly GroupResource Pods = new("", "pods");
    private readonly Kubelets _kubelets = new(cluster);
    private readonly ServiceTargets _services = new(cluster);

    /// <summary>Whether a request is of this sort.</summary>
    public static bool Are(RequestInfo request) => request.Group.Length == 0 && (request.Resource, request.Subresource) is
        ("pods", "log" or "exec" or "attach" or "portforward" or "proxy") or ("services" or "nodes", "proxy");

    /// <summary>Answers the request.</summary>
    /// <returns>What is to be answered instead of what comes from there; null when all is answered.</returns>
    /// <exception cref="ApiError">Why it cannot be.</exception>
    public async Task<Answer?> RunAsync(HttpContext http, RequestInfo request, UserInfo user)
    {
        if (request.Subresource == "proxy")
        {
            return await ProxyAsync(http, request);
        }

        if (request.Subresource == "log")
        {
            return await LogAsync(http, request);
        }

        // A browser can only open a WebSocket with GET, but what it does there is no reading.
        if (request.Verb != "create")
        {
            authorization.Check(AccessQuestion.Of(user, request) with { Verb = "create" });
        }

        var pod = Pod(request.Namespace, request.Name);
        var container = request.Subresource == "portforward" ? "" : $"/{Container(request, pod)}";
        var (host, port) = Kubelet(pod) ?? throw ApiError.BadRequest($"pod {request.Name} does not have a host assigned");
        if (!Forwarding.WantsUpgrade(http.Request))
        {
            throw ApiError.BadRequest("Upgrade request required");
        }

        var path = request.Subresource == "portforward" ? "portForward" : request.Subresource;
        var target = new UriBuilder(Uri.UriSchemeHttps, host, port, $"/{path}/{request.Namespace}/{request.Name}{container}") { Query = StreamQuery(request) }.Uri;
        await Forwarding.RunAsync(http, new Upstream(clients.Kubelets, target, why => ApiError.Unknown($"error dialing backend: {why}")), stopping);
        return null;
    }

    private async Task<Answer?> LogAsync(HttpContext http, RequestInfo request)
    {
        var query = PodLogOptions.QueryOf(request);
        var pod = Pod(request.Namespace, request.Name);
        var container = Container(request, pod);
        if (Kubelet(pod) is not var (host, port))
        {
            return new DocumentAnswer(204, "", ReadOnlyMemory<byte>.Empty);
        }

        var target = new Uri($"https://{host}:{port.ToString(CultureInfo.InvariantCulture)}/containerLogs/{request.Namespace}/{request.Name}/{container}{query}");
        await KubeletLog.RunAsync(http, request, clients.Kubelets, target, stopping);
        return null;
    }

    private async Task<Answer?> ProxyAsync(HttpContext http, RequestInfo request)
    {
        var path = new ProxiedPath(http, request);
        var kind = request.Resource[..^1];
        var wanted = ProxiedName.Parse(request.Name) ?? throw ApiError.BadRequest($"invalid {kind} request {GoFormat.Quote(request.Name)}");
        var (address, client) = request.Resource switch
        {
            "nodes" => OfNode(wanted),
            "pods" => (OfPod(request, wanted), clients.Pods),
            _ => (At(wanted, _services.Find(request.Namespace, request.Name, wanted)), clients.Pods),
        };
        if (path.Rest.Length == 0 && (request.Method is "GET" or "HEAD"))
        {
            // Or relative links of the page would lead elsewhere.
            http.Response.Headers.Location = $"{path.Prefix}/{path.Query}";
            return new DocumentAnswer(301, "", ReadOnlyMemory<byte>.Empty);
        }

        await Forwarding.RunAsync(http, path.To(address, client), stopping);
        return null;
    }

    private (UriBuilder Address, HttpMessageInvoker Client) OfNode(ProxiedName wanted)
    {
        var (host, port) = _kubelets.Find(wanted.Name, new GroupResource("", "nodes"));
        return wanted.Port.Length == 0 || wanted.Port == port.ToString(CultureInfo.InvariantCulture)
            ? (new UriBuilder(Uri.UriSchemeHttps, host, port), clients.Kubelets)
            : (wanted.At(host, Number(wanted.Port)), clients.Pods);
    }

    private UriBuilder OfPod(RequestInfo request, ProxiedName wanted)
    {
        var pod = Pod(request.Namespace, wanted.Name);
        var port = wanted.Port.Length > 0 ? Number(wanted.Port)
            : (int?)pod.Items("spec", "containers").SelectMany(c => c.Items("ports")).FirstOrDefault().Number("containerPort");
        return System.Net.IPAddress.TryParse(pod.Text("status", "podIP"), out var address) ? wanted.At(address.ToString(), port) : throw ApiError.BadRequest("address not allowed");
    }

    private static UriBuilder At(ProxiedName wanted, (string Host, int Port) target) => wanted.At(target.Host, target.Port);

    private static int Number(string port) => ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw ApiError.Of(503, StatusReasons.ServiceUnavailable, $"error trying to reach service: dial tcp: lookup tcp/{port}: unknown port");

    private JsonObject Pod(string ns, string name) => cluster.Find(Pods, ns, name) ?? throw ApiError.NotFound(Pods, name);

    private (string Host, int Port)? Kubelet(JsonObject pod) => pod.Text("spec", "nodeName") is { Length: > 0 } node ? _kubelets.Find(node, Pods) : null;

    private static string Container(RequestInfo request, JsonObject pod)
    {
        var wanted = request.Query["container"].ToString();
        var names = ((string[])["initContainers", "containers", "ephemeralContainers"])
            .SelectMany(list => pod.Items("spec", list)).Select(c => c.Text("name") ?? "").ToList();
        return wanted.Length > 0
            ? names.Contains(wanted) ? wanted : throw ApiError.BadRequest($"container {wanted} is not valid for pod {request.Name}")
            : pod.Items("spec", "containers") is [var only] ? only.Text("name") ?? ""
            : throw ApiError.BadRequest($"a container name must be specified for pod {request.Name}, choose one of: [{string.Join(' ', names)}]");
    }

    /// <summary>The kubelet has names of its own for the streams.</summary>
    private static string StreamQuery(RequestInfo request)
    {
        var parts = new List<string>();
        if (request.Subresource == "portforward")
        {
            var ports = request.Query["ports"];
            return ports.Count == 0 ? "" : $"port={Uri.EscapeDataString(string.Join(',', ports.ToArray()))}";
        }

        foreach (var (flag, name) in ((string, string)[])[("stdin", "input"), ("stdout", "output"), ("stderr", "error"), ("tty", "tty")])
        {
            if (request.Flag(flag))
            {
                parts.Add($"{name}=1");
            }
        }

        parts.AddRange(request.Query["command"].Select(word => $"command={Uri.EscapeDataString(word ?? "")}"));
        return string.Join('&', parts);
    }
}
