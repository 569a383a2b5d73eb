using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;
using Capstan.Schemas;

namespace Capstan.ApiServer.Http;

/// <summary>
/// Logs, exec, attach, port-forward and proxy: what Kubernetes hands on to a node or a pod. There is neither behind this server, so each is refused
/// as Kubernetes refuses it for a pod that is on no node yet.
/// </summary>
internal sealed class NodeConnections(Store store)
{
    /// <summary>Whether a request is of this sort.</summary>
    public static bool Are(RequestInfo request) => request.Group.Length == 0 && (request.Resource, request.Subresource) is
        ("pods", "log" or "exec" or "attach" or "portforward" or "proxy") or ("services" or "nodes", "proxy");

    /// <exception cref="ApiError">Why it cannot be.</exception>
    public Answer Answer(RequestInfo request)
    {
        // A proxied name may have a scheme before it and a port after it.
        var parts = request.Name.Split(':');
        var (name, port) = request.Subresource != "proxy" ? (request.Name, "") : parts.Length switch
        {
            1 => (parts[0], ""),
            2 => (parts[0], parts[1]),
            3 => (parts[1], parts[2]),
            _ => (request.Name, ""),
        };
        var found = store.Find(request.GroupResource, request.Key with { Name = name }) ?? throw ApiError.NotFound(request.GroupResource, name);
        var obj = ObjectJson.Parse(found.Json);
        switch (request.Resource, request.Subresource)
        {
            case ("services", _):
                throw port.Length > 0 && !obj.Items("spec", "ports").Any(p => p.Text("name") == port || p.Number("port")?.ToString(CultureInfo.InvariantCulture) == port)
                    ? Unreachable($"no service port {port} found for service {GoFormat.Quote(name)}")
                    : ApiError.NotFound(request.GroupResource, name);
            case ("nodes", _):
                throw Unreachable($"error trying to reach service: node {GoFormat.Quote(name)} is not reached from here");
            case ("pods", "proxy"):
                throw obj.Text("status", "podIP") is { Length: > 0 } address
                    ? Unreachable($"error trying to reach service: {address} is not reached from here")
                    : ApiError.BadRequest("address not allowed");
            case ("pods", "log"):
                CheckLogOptions(request);
                CheckContainer(request, obj);
                return HasNode(obj) ? throw Unreached(obj) : new DocumentAnswer(204, "", ReadOnlyMemory<byte>.Empty);
            case ("pods", "portforward"):
                break;
            default:
                CheckContainer(request, obj);
                break;
        }

        throw HasNode(obj) ? Unreached(obj) : ApiError.BadRequest($"pod {name} does not have a host assigned");
    }

    private static ApiError Unreachable(string why) => ApiError.Of(503, StatusReasons.ServiceUnavailable, why);

    private static bool HasNode(JsonObject pod) => pod.Text("spec", "nodeName") is { Length: > 0 };

    private ApiError Unreached(JsonObject pod)
    {
        var nodes = new GroupResource("", "nodes");
        var node = pod.Text("spec", "nodeName")!;

        // The words say pod, as Kubernetes says them of a node that is not there.
        return store.Find(nodes, ObjectKey.ClusterScoped(node)) is null ? ApiError.NotFound(new GroupResource("", "pods"), node)
            : ApiError.Internal($"no node can be reached here: {node}");
    }

    private static void CheckContainer(RequestInfo request, JsonObject pod)
    {
        var names = ((string[])["initContainers", "containers", "ephemeralContainers"])
            .SelectMany(list => pod.Items("spec", list)).Select(c => c.Text("name") ?? "").ToList();
        var wanted = request.Query["container"].ToString();
        if (wanted.Length > 0 && !names.Contains(wanted))
        {
            throw ApiError.BadRequest($"container {wanted} is not valid for pod {request.Name}");
        }

        if (wanted.Length == 0 && pod.Items("spec", "containers").Count != 1)
        {
            throw ApiError.BadRequest($"a container name must be specified for pod {request.Name}, choose one of: [{string.Join(' ', names)}]");
        }
    }

    private static void CheckLogOptions(RequestInfo request)
    {
        var errors = new List<FieldError>();
        foreach (var (name, least) in (ReadOnlySpan<(string, long)>)[("limitBytes", 1), ("sinceSeconds", 1), ("tailLines", 0)])
        {
            if (request.Query[name].ToString() is not { Length: > 0 } text)
            {
                continue;
            }

            if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            {
                throw ApiError.BadRequest($"strconv.ParseInt: parsing {GoFormat.Quote(text)}: invalid syntax");
            }

            if (value < least)
            {
                errors.Add(FieldErrors.Invalid(name, value, least == 0 ? "must be greater than or equal to 0" : "must be greater than 0"));
            }
        }

        if (errors.Count > 0)
        {
            throw ApiError.Invalid("", "PodLogOptions", request.Name, errors);
        }
    }
}
