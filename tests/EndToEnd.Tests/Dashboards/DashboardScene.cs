using Capstan;
using Capstan.Cluster.Manifests;
using Capstan.Testing;
using EndToEnd.Tests.Programs;
using KubeTemplater.Resources;

namespace EndToEnd.Tests.Dashboards;

/// <summary><c>capstan local</c> with something to see: teams with templates, some of them failing, and Databases.</summary>
public sealed class DashboardScene : IAsyncLifetime
{
    /// <summary>What a stranger would call an object.</summary>
    public const string Hostile = "<img src=x onerror=window.hacked=1>";

    private static readonly string[] _teams = ["checkout", "catalogue", "search", "billing"];
    private static readonly string[] _parts = ["web", "worker", "cache", "gateway", "jobs", "mail", "pricing", "stock", "media", "audit", "export", "import", "limits", "routes", "themes"];
    private static readonly ResourceType _services = new("", "v1", "Service", "services", Namespaced: true);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-dashboard-");
    private RunningProcess? _local;
    private KubeClient? _client;
    private int _deleted;

    /// <summary>What <c>capstan local</c> printed.</summary>
    public Uri Url { get; private set; } = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _local = RunningProcess.Start(
            Path.Combine(AppContext.BaseDirectory, "capstan"),
            ["local", "--port", "0", "--pods", "simulate", "--admission", "off", "--samples"],
            new Dictionary<string, string> { ["HOME"] = _directory.FullName },
            _directory.FullName);
        var line = await _local.LineAsync(text => text.StartsWith("dashboard ", StringComparison.Ordinal), Patience, Stop);
        Url = new Uri(line["dashboard".Length..].Trim());
        var client = _client = new KubeClient(KubeConfig.Load(Path.Combine(_directory.FullName, ".capstan", "kubeconfig"), "capstan-local"));
        await new ManifestInstaller(client, "test").ApplyAsync(ManifestReader.Read(string.Join("\n---\n", Manifests()), "test"), Stop);
        await Eventually.SeeAsync(
            "all templates to be judged",
            stop => client.ListAsync<KubeTemplate>(cancellationToken: stop),
            list => list.Items.Count == 66 && list.Items.All(one => one.Status?.ProcessingPhase is Phases.Completed or Phases.Failed),
            Patience,
            cancellationToken: Stop);
    }

    /// <summary>Deletes some of what templates made, each time others.</summary>
    public async Task DisturbAsync(int some)
    {
        for (var i = 0; i < some; i++, _deleted++)
        {
            var key = new ObjectKey(_teams[_deleted % 3], _parts[_deleted / 3 % 8]);
            await _client!.DeleteAsync(_services, key, cancellationToken: Stop);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_local is not null)
        {
            await _local.DisposeAsync();
        }

        _directory.Delete(recursive: true);
    }

    private static IEnumerable<string> Manifests()
    {
        foreach (var team in _teams)
        {
            yield return $"{{apiVersion: v1, kind: Namespace, metadata: {{name: {team}}}}}";
            yield return $"{{apiVersion: kubetemplater.io/v1alpha1, kind: KubeTemplatePolicy, metadata: {{name: {team}, namespace: kubetemplater-system}}, spec: {{sourceNamespace: {team}, validationRules: ["
                + $"{{kind: ConfigMap, group: '', version: v1, targetNamespaces: [{team}], fieldValidations: [{{name: size, type: range, fieldPath: data.replicas, min: 1, max: 8, message: 'data.replicas must be a number from 1 to 8'}}]}},"
                + $"{{kind: Service, group: '', version: v1, targetNamespaces: [{team}]}}, {{kind: Deployment, group: apps, version: v1, targetNamespaces: [{team}]}}]}}}}";
            foreach (var part in _parts)
            {
                yield return $"{{apiVersion: kubetemplater.io/v1alpha1, kind: KubeTemplate, metadata: {{name: {part}, namespace: {team}}}, spec: {{templates: [{Entries(team, part)}]}}}}";
            }
        }

        yield return "{apiVersion: kubetemplater.io/v1alpha1, kind: KubeTemplate, metadata: {name: homeless, namespace: kube-system}, spec: {templates: []}}";
        yield return $"{{apiVersion: kubetemplater.io/v1alpha1, kind: KubeTemplate, metadata: {{name: hostile, namespace: search}}, spec: {{templates: [{{object: {{apiVersion: v1, kind: Secret, metadata: {{name: '{Hostile}'}}}}}}]}}}}";
        yield return "{apiVersion: database.example.com/v1, kind: Backup, metadata: {name: nightly, namespace: default}, spec: {databaseRef: {name: replicated-sample}, schedule: 0 3 * * *}}";
        yield return "{apiVersion: kubetemplater.io/v1alpha1, kind: KubeTemplate, metadata: {name: empty, namespace: default}, spec: {templates: []}}";
    }

    private static string Entries(string team, string part) => (team, part) switch
    {
        ("billing", "export") => "{object: {apiVersion: v1, kind: ConfigMap, metadata: {name: export}, data: {replicas: '40'}}}",
        ("catalogue", "media") => "{object: {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: media-admin}}}",
        _ => $"{{object: {{apiVersion: apps/v1, kind: Deployment, metadata: {{name: {part}}}, spec: {{replicas: {(part.Length % 3) + 1}, selector: {{matchLabels: {{app: {part}}}}}, "
            + $"template: {{metadata: {{labels: {{app: {part}}}}}, spec: {{containers: [{{name: app, image: 'shop/{part}:1'}}]}}}}}}}}}}, "
            + $"{{object: {{apiVersion: v1, kind: Service, metadata: {{name: {part}}}, spec: {{selector: {{app: {part}}}, ports: [{{port: 80}}]}}}}}}",
    };
}
