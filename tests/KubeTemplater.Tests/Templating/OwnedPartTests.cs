using System.Text;
using System.Text.Json;
using Capstan;
using Capstan.Caching;
using Capstan.Testing;
using Capstan.Yaml;
using KubeTemplater.Templating;

namespace KubeTemplater.Tests.Templating;

/// <summary>Hashes of what a server really answers, and of what it shows afterwards.</summary>
public sealed class OwnedPartTests(OwnedPartTests.Server server) : IClassFixture<OwnedPartTests.Server>
{
    private const string Web = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: NAME, namespace: default, labels: {team: blue}}
        spec:
          replicas: 2
          strategy: {}
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              hostNetwork: false
              volumes: [{name: v, emptyDir: {}}]
              tolerations: [{key: x, operator: Exists}]
              containers:
              - name: web
                image: nginx
                args: [a, b]
                env: [{name: A, value: "1"}]
                resources: {limits: {cpu: 1000m, memory: 1024Mi}}
                ports: [{containerPort: 80}]
        """;

    private static readonly ResourceType Deployments = new("apps", "v1", "Deployment", "deployments", true);
    private static readonly ResourceType Services = new("", "v1", "Service", "services", true);
    private static readonly ResourceType Secrets = new("", "v1", "Secret", "secrets", true);
    private static readonly ResourceType ConfigMaps = new("", "v1", "ConfigMap", "configmaps", true);

    private static int _made;

    [Theory]
    [InlineData("""[{"op":"add","path":"/metadata/labels/other","value":"x"}]""")]
    [InlineData("""[{"op":"add","path":"/metadata/annotations","value":{"deployment.kubernetes.io/revision":"4"}}]""")]
    [InlineData("""[{"op":"add","path":"/spec/template/spec/containers/0","value":{"name":"a-sidecar","image":"proxy"}}]""")]
    [InlineData("""[{"op":"add","path":"/spec/template/spec/containers/0/env/-","value":{"name":"B","value":"2"}}]""")]
    [InlineData("""[{"op":"add","path":"/spec/template/spec/containers/0/ports/-","value":{"containerPort":80,"protocol":"UDP"}}]""")]
    [InlineData("""[{"op":"add","path":"/spec/template/spec/containers/0/resources/requests","value":{"cpu":"10m"}}]""")]
    [InlineData("""[{"op":"add","path":"/spec/template/spec/volumes/0/emptyDir/medium","value":"Memory"}]""")]
    [InlineData("""[{"op":"replace","path":"/spec/strategy/rollingUpdate/maxSurge","value":3}]""")]
    [InlineData("""[{"op":"replace","path":"/spec/template/spec/terminationGracePeriodSeconds","value":3}]""")]
    public async Task What_others_add_to_a_deployment_is_not_ours(string patch)
    {
        var name = $"foreign{Interlocked.Increment(ref _made)}";
        Assert.Equal(await ApplyAsync(Deployments, name, Web), await PatchAsync(Deployments, name, patch));
    }

    [Theory]
    [InlineData("""[{"op":"replace","path":"/spec/replicas","value":3}]""")]
    [InlineData("""[{"op":"replace","path":"/metadata/labels/team","value":"red"}]""")]
    [InlineData("""[{"op":"remove","path":"/metadata/labels/team"}]""")]
    [InlineData("""[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"other"}]""")]
    [InlineData("""[{"op":"replace","path":"/spec/template/spec/containers/0/args/1","value":"c"}]""")]
    [InlineData("""[{"op":"replace","path":"/spec/template/spec/containers/0/resources/limits/cpu","value":"2"}]""")]
    [InlineData("""[{"op":"remove","path":"/spec/template/spec/containers/0/env"}]""")]
    [InlineData("""[{"op":"replace","path":"/spec/template/spec/tolerations/0/key","value":"y"}]""")]
    [InlineData("""[{"op":"replace","path":"/spec/template/spec/hostNetwork","value":true}]""")]
    public async Task What_others_change_of_ours_is_seen(string patch)
    {
        var name = $"ours{Interlocked.Increment(ref _made)}";
        Assert.NotEqual(await ApplyAsync(Deployments, name, Web), await PatchAsync(Deployments, name, patch));
    }

    [Fact]
    public async Task The_same_quantity_in_other_words_is_the_same()
    {
        var before = await ApplyAsync(Deployments, "quantity", Web);

        Assert.Equal(before, await PatchAsync(Deployments, "quantity", """[{"op":"replace","path":"/spec/template/spec/containers/0/resources/limits/cpu","value":"1"}]"""));
        Assert.Equal(before, OwnedPart.Of(await server.Client.GetAsync(Deployments, new("default", "quantity"), TestContext.Current.CancellationToken)));
        Assert.Equal(before, await ApplyAsync(Deployments, "quantity", Web));
    }

    [Fact]
    public async Task What_is_applied_in_our_own_name_is_seen_whatever_it_changes()
    {
        var before = await ApplyAsync(ConfigMaps, "late", Settings("new"));
        var late = await ApplyAsync(ConfigMaps, "late", Settings("old"));

        Assert.NotEqual(before, late);
        static string Settings(string value) => $"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: NAME, namespace: default}}, data: {{a: {value}}}}}";
    }

    [Fact]
    public async Task What_a_secret_got_as_text_is_ours_as_data()
    {
        var before = await ApplyAsync(Secrets, "text", "{apiVersion: v1, kind: Secret, metadata: {name: NAME, namespace: default}, stringData: {a: b}}");

        Assert.Equal(before, await PatchAsync(Secrets, "text", """[{"op":"add","path":"/data/other","value":"eA=="}]"""));
        Assert.NotEqual(before, await PatchAsync(Secrets, "text", """[{"op":"replace","path":"/data/a","value":"eA=="}]"""));
        Assert.NotEqual(before, await PatchAsync(Secrets, "text", """[{"op":"remove","path":"/data/a"}]"""));
        Assert.Equal(before, await PatchAsync(Secrets, "text", """[{"op":"add","path":"/data/a","value":"Yg=="}]"""));
    }

    [Fact]
    public async Task A_service_is_ours_but_for_what_the_server_gave_it()
    {
        const string service = """
            apiVersion: v1
            kind: Service
            metadata: {name: NAME, namespace: default}
            spec: {selector: {app: web}, ports: [{port: 80}, {port: 443, targetPort: 8443, name: tls}]}
            """;
        var before = await ApplyAsync(Services, "svc", service.Replace("{port: 80}", "{port: 80, name: http}", StringComparison.Ordinal));

        Assert.Equal(before, await PatchAsync(Services, "svc", """[{"op":"replace","path":"/spec/sessionAffinity","value":"ClientIP"}]"""));
        Assert.Equal(before, await PatchAsync(Services, "svc", """[{"op":"add","path":"/spec/ports/-","value":{"port":81,"name":"more"}}]"""));
        Assert.NotEqual(before, await PatchAsync(Services, "svc", """[{"op":"replace","path":"/spec/ports/1/targetPort","value":9}]"""));
    }

    [Fact]
    public async Task An_object_without_managers_has_nothing_of_ours()
    {
        var before = await ApplyAsync(ConfigMaps, "bare", "{apiVersion: v1, kind: ConfigMap, metadata: {name: NAME, namespace: default}, data: {a: b}}");

        Assert.NotEqual(before, await PatchAsync(ConfigMaps, "bare", """[{"op":"replace","path":"/metadata/managedFields","value":[{}]}]"""));
    }

    private async Task<Fingerprint> ApplyAsync(ResourceType type, string name, string yaml) => OwnedPart.Of(await server.Client.ApplyAsync(
        type,
        new("default", name),
        Json(yaml.Replace("NAME", name, StringComparison.Ordinal)),
        new() { FieldManager = "kubetemplater", Force = true },
        TestContext.Current.CancellationToken));

    private async Task<Fingerprint> PatchAsync(ResourceType type, string name, string patch) => OwnedPart.Of(await server.Client.PatchAsync(
        type, new("default", name), PatchType.Json, Encoding.UTF8.GetBytes(patch), new() { FieldManager = "somebody" }, TestContext.Current.CancellationToken));

    private static byte[] Json(string yaml) => JsonSerializer.SerializeToUtf8Bytes(YamlReader.ReadAll(yaml, "test")[0]);

    public sealed class Server : IAsyncLifetime
    {
        private TestCluster _cluster = null!;

        public KubeClient Client => _cluster.Client;

        public async ValueTask InitializeAsync() => _cluster = await TestCluster.StartAsync();

        public ValueTask DisposeAsync() => _cluster.DisposeAsync();
    }
}
