using Capstan.Cluster.Manifests;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Manifests;

public sealed class ManifestInstallerTests
{
    private const string Gadgets = """
        apiVersion: example.com/v1
        kind: Gadget
        metadata: {name: first, namespace: workshop}
        spec: {size: 1}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: workshop}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: somewhere}
        ---
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: gadgets.example.com}
        spec:
          group: example.com
          scope: Namespaced
          names: {kind: Gadget, plural: gadgets}
          versions:
          - name: v1
            served: true
            storage: true
            schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
        """;

    private static readonly ResourceType Gadget = new("example.com", "v1", "Gadget", "gadgets", Namespaced: true);
    private static readonly ResourceType ConfigMap = new("", "v1", "ConfigMap", "configmaps", Namespaced: true);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Definitions_and_namespaces_come_before_what_needs_them_and_again_changes_nothing()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await cluster.InstallAsync(Gadgets, Stop);
        var first = await cluster.Client.GetAsync(Gadget, new("workshop", "first"), Stop);
        Assert.NotNull(await cluster.Client.GetAsync(ConfigMap, new("default", "somewhere"), Stop));

        await cluster.InstallAsync(Gadgets, Stop);
        Assert.Equal(first.ResourceVersion, (await cluster.Client.GetAsync(Gadget, new("workshop", "first"), Stop)).ResourceVersion);
    }

    [Fact]
    public async Task What_the_server_refuses_and_what_it_does_not_know_is_told()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        var refused = await Assert.ThrowsAsync<ApiException>(() => cluster.InstallAsync("{apiVersion: v1, kind: ConfigMap, metadata: {name: Bad_Name}}", Stop));
        Assert.True(refused.IsInvalid, refused.Message);
        var unknown = await Assert.ThrowsAsync<KindNotServedException>(() => cluster.InstallAsync("{apiVersion: example.com/v1, kind: Gadget, metadata: {name: a}}", Stop));
        Assert.Contains("Gadget", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_definition_that_does_not_come_up_is_given_up_with_its_reason()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await cluster.InstallAsync(Gadgets, Stop);

        // The same kind again under another plural: its names are taken.
        var rival = Gadgets.Replace("plural: gadgets", "plural: widgets", StringComparison.Ordinal).Replace("name: gadgets.example.com", "name: widgets.example.com", StringComparison.Ordinal);
        var installer = new ManifestInstaller(cluster.Client, "test") { EstablishTimeout = TimeSpan.FromSeconds(1) };
        var fault = await Assert.ThrowsAsync<TimeoutException>(() => installer.ApplyAsync(ManifestReader.Read(rival, "test"), Stop));
        Assert.StartsWith("widgets.example.com is not established after 1 s", fault.Message, StringComparison.Ordinal);
        Assert.Contains("Gadget", fault.Message, StringComparison.Ordinal);
    }
}
