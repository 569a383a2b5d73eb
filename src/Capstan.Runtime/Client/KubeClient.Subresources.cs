using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Client;

namespace Capstan;

public sealed partial class KubeClient
{
    private static readonly ResourceType Pods = new("", "v1", "Pod", "pods", Namespaced: true);
    private static readonly ResourceType ServiceAccounts = new("", "v1", "ServiceAccount", "serviceaccounts", Namespaced: true);

    /// <summary>Sets the number of replicas through the subresource <c>scale</c>, whatever the kind calls it.</summary>
    /// <returns>The Scale as it is now.</returns>
    /// <exception cref="ApiException"><see cref="ApiException.IsNotFound"/>: no such object, or its kind cannot be scaled.</exception>
    public Task<DynamicObject> ScaleAsync(ResourceType type, ObjectKey key, int replicas, CancellationToken cancellationToken = default)
    {
        var patch = DynamicObject.From(new JsonObject { ["spec"] = new JsonObject { ["replicas"] = replicas } });
        return PatchAsync(type, key, PatchType.Merge, patch.Json, new() { Subresource = "scale" }, cancellationToken);
    }

    /// <summary>Asks for a pod to be removed, as far as disruption budgets allow.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="options">Preconditions, grace period, dry run.</param>
    /// <param name="cancellationToken">Ends the request; whether the server took it is then unknown.</param>
    /// <exception cref="ApiException"><see cref="ApiException.IsTooManyRequests"/>: a budget does not allow it now.</exception>
    public async Task EvictAsync(ObjectKey pod, DeleteOptions? options = null, CancellationToken cancellationToken = default)
    {
        var eviction = new JsonObject
        {
            ["apiVersion"] = "policy/v1",
            ["kind"] = "Eviction",
            ["metadata"] = new JsonObject { ["name"] = pod.Name, ["namespace"] = pod.Namespace },
        };
        if (options is not null)
        {
            eviction["deleteOptions"] = JsonNode.Parse(DeletionBody.Write(options));
        }

        await CreateAsync(Pods, DynamicObject.From(eviction), new() { Subresource = "eviction" }, cancellationToken);
    }

    /// <summary>Connects to a port of a pod, through the API server and the pod's node, as <c>kubectl port-forward</c> does.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="port">The port, of the pod and not of a Service.</param>
    /// <param name="cancellationToken">Ends the wait for the connection.</param>
    /// <returns>The connection: one may read while another writes; it ends with its disposal, or when the pod or the server ends it. That nobody listens at the port
    /// is told by an <see cref="IOException"/> of the first read.</returns>
    /// <exception cref="HttpRequestException">The server refused it (its <c>StatusCode</c> says how), or cannot be reached.</exception>
    public async Task<Stream> PortForwardAsync(ObjectKey pod, int port, CancellationToken cancellationToken = default)
    {
        var description = $"port {port} of pod {pod}";
        var path = $"{RequestPath.Object(Pods, pod, "portforward")}?ports={port}";
        return new PortForwardStream(await _sender.OpenSocketAsync(path, PortForwardStream.Protocol, description, cancellationToken), description);
    }

    /// <summary>Asks for a token with which a program is a service account.</summary>
    /// <param name="serviceAccount">The account.</param>
    /// <param name="lifetime">How long it is wanted for, at least ten minutes; the server may give less or more.</param>
    /// <param name="audiences">Whom it is shown to; none means the API server.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The token, and when it ends.</returns>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsNotFound"/>.</exception>
    public async Task<(string Token, DateTimeOffset Ends)> CreateTokenAsync(
        ObjectKey serviceAccount, TimeSpan lifetime, IReadOnlyList<string>? audiences = null, CancellationToken cancellationToken = default)
    {
        var spec = new JsonObject { ["expirationSeconds"] = (long)lifetime.TotalSeconds };
        if (audiences is { Count: > 0 })
        {
            spec["audiences"] = new JsonArray([.. audiences.Select(audience => (JsonNode)audience)]);
        }

        var request = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["metadata"] = new JsonObject { ["name"] = serviceAccount.Name, ["namespace"] = serviceAccount.Namespace },
            ["spec"] = spec,
        };
        var answer = await CreateAsync(ServiceAccounts, DynamicObject.From(request), new() { Subresource = "token" }, cancellationToken);
        return answer.ToJson()["status"] is JsonObject status && (string?)status["token"] is { } token && KubeTime.TryParse((string?)status["expirationTimestamp"], out var ends)
            ? (token, ends)
            : throw new JsonException($"token of {serviceAccount}: the answer has no token with its end");
    }
}
