using System.Text;
using System.Text.Json.Nodes;
using Capstan.Cluster.Node.Pods;

namespace Capstan.Cluster.Node.Volumes;

/// <summary>Tokens of pods' ServiceAccounts, bound to the pod, and fresh ones long before they end.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class PodTokens(KubeClient client)
{
    // When a kubelet asks for the next one.
    private const double RenewedAfter = 0.8;

    private static readonly ResourceType Accounts = new("", "v1", "ServiceAccount", "serviceaccounts", Namespaced: true);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Pod, string? Audience, long Seconds), (byte[] Token, DateTimeOffset RenewAt)> _tokens = [];

    /// <exception cref="VolumeException">The server gives none.</exception>
    public async Task<byte[]> ReadAsync(PodRecord pod, string? audience, long seconds, CancellationToken cancellationToken)
    {
        var now = client.Options.TimeProvider.GetUtcNow();
        var wanted = (pod.Uid, audience, seconds);
        lock (_lock)
        {
            if (_tokens.TryGetValue(wanted, out var known) && now < known.RenewAt)
            {
                return known.Token;
            }
        }

        var spec = new JsonObject
        {
            ["expirationSeconds"] = seconds,
            ["boundObjectRef"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["name"] = pod.Key.Name, ["uid"] = pod.Uid },
        };
        if (!string.IsNullOrEmpty(audience))
        {
            spec["audiences"] = new JsonArray((JsonNode)audience);
        }

        var account = pod.Pod.Spec.ServiceAccountName is { Length: > 0 } name ? name : "default";
        var request = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["metadata"] = new JsonObject { ["name"] = account, ["namespace"] = pod.Key.Namespace },
            ["spec"] = spec,
        };
        try
        {
            var answer = (await client.CreateAsync(Accounts, DynamicObject.From(request), new WriteOptions { Subresource = "token" }, cancellationToken)).ToJson();
            var token = Encoding.UTF8.GetBytes((string?)answer["status"]?["token"] ?? "");
            var left = KubeTime.TryParse((string?)answer["status"]?["expirationTimestamp"], out var ends) ? ends - now : TimeSpan.FromSeconds(seconds);
            lock (_lock)
            {
                _tokens[wanted] = (token, now + left * RenewedAfter);
            }

            return token;
        }
        catch (ApiException error)
        {
            throw new VolumeException($"failed to fetch token: {error.Message}");
        }
    }

    /// <summary>Forgets those of a pod that is gone.</summary>
    public void Forget(string podUid)
    {
        lock (_lock)
        {
            foreach (var key in _tokens.Keys.Where(key => key.Pod == podUid).ToList())
            {
                _tokens.Remove(key);
            }
        }
    }
}
