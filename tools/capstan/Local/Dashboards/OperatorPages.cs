using Capstan.Cluster.Manifests;
using Capstan.Tool.Load.Measuring;
using Capstan.Tool.Local.Operators;

namespace Capstan.Tool.Local.Dashboards;

/// <summary>The metrics pages of the operators that run here, of pods by an account that may read metrics and nothing else.</summary>
internal sealed class OperatorPages(KubeClient client, ManifestInstaller installer, IReadOnlyList<OperatorStart> operators) : IDisposable
{
    private const string Account = """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: capstan-dashboard, namespace: kube-system}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: capstan-dashboard}
        rules:
        - {nonResourceURLs: [/metrics], verbs: [get]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: capstan-dashboard}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: capstan-dashboard}
        subjects:
        - {kind: ServiceAccount, name: capstan-dashboard, namespace: kube-system}
        """;

    private static readonly ObjectKey _key = new("kube-system", "capstan-dashboard");
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly TimeProvider _time = client.Options.TimeProvider;
    private List<ReplicaPages> _pages = [];
    private DateTimeOffset _renewAt;

    /// <summary>Reads the pages of all replicas that answer. One call at a time.</summary>
    public async Task<IReadOnlyList<(string Replica, string Page)>> ReadAsync(CancellationToken stop)
    {
        try
        {
            if (_time.GetUtcNow() >= _renewAt)
            {
                await RenewAsync(stop);
            }

            var found = await Task.WhenAll(_pages.Select(one => one.ReadAsync(static _ => { }, stop)));
            return [.. found.SelectMany(one => one)];
        }
        catch (Exception error) when (!stop.IsCancellationRequested && error is ApiException or HttpRequestException or TimeoutException)
        {
            // The charts have a gap; the rest of the page does not need this.
            return [];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _pages.ForEach(static one => one.Dispose());

    private async Task RenewAsync(CancellationToken stop)
    {
        var token = "";
        if (operators.Any(start => start.InProcess is null))
        {
            await installer.ApplyAsync(ManifestReader.Read(Account, "capstan-dashboard"), stop);
            (token, _) = await client.CreateTokenAsync(_key, Lifetime, cancellationToken: stop);
        }

        Dispose();
        _pages = [.. operators.Select(start => new ReplicaPages(client, start.Known.Account.Namespace, UrlsOf(start), token))];
        _renewAt = _time.GetUtcNow() + (Lifetime * 0.8);
    }

    private static string[] UrlsOf(OperatorStart start) => start.InProcess is { } inside ? [$"http://127.0.0.1:{inside.Operator.MetricsPort}/metrics"] : [];
}
