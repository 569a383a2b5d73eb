using Capstan.ApiServer.Http;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>What is asked of the node that a pod runs on: its log, and ways into it. Here no node can be reached; what is told before one is asked is told.</summary>
internal sealed class PodConnections(Store store)
{
    private static readonly GroupResource Pods = new("", "pods");
    private static readonly GroupResource Nodes = new("", "nodes");
    private static readonly string[] Subresources = ["attach", "exec", "log", "portforward"];

    /// <summary>Whether a request is of this kind.</summary>
    public static bool Handles(ServedResource served, RequestInfo request) =>
        served.Type is { Group: "", Kind: "Pod" } && Subresources.Contains(request.Subresource) && request.Verb is "get" or "create";

    /// <exception cref="ApiError">404: no such pod, or, in words that say pod, no such node; 400: no such container, or no node; 500: the node cannot be reached.</exception>
    public Answer Connect(RequestInfo request)
    {
        var stored = store.Find(Pods, request.Key) ?? throw ApiError.NotFound(Pods, request.Name);
        var pod = ObjectJson.Parse(stored.Json);
        if (request.Subresource != "portforward")
        {
            CheckContainer(pod, request.Name, request.Query["container"].ToString());
        }

        var node = pod.Text("spec", "nodeName") ?? "";
        if (node.Length == 0)
        {
            return request.Subresource == "log"
                ? new DocumentAnswer(204, "text/plain", default)
                : throw ApiError.BadRequest($"pod {request.Name} does not have a host assigned");
        }

        throw store.Find(Nodes, ObjectKey.ClusterScoped(node)) is null
            ? ApiError.NotFound(Pods, node)
            : ApiError.Internal($"no node can be reached here: {node}");
    }

    private static void CheckContainer(System.Text.Json.Nodes.JsonObject pod, string name, string container)
    {
        var names = Checks.PodScope.ContainerLists.SelectMany(list => pod.Items("spec", list)).Select(c => c.Text("name") ?? "").ToList();
        if (container.Length > 0 ? !names.Contains(container) : pod.Items("spec", "containers").Count > 1)
        {
            throw ApiError.BadRequest(container.Length > 0
                ? $"container {container} is not valid for pod {name}"
                : $"a container name must be specified for pod {name}, choose one of: [{string.Join(' ', names)}]");
        }
    }
}
