using Capstan;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.EndToEnd;

/// <summary>The Go operator's own scenarios of controller and policy, by their numbers, without its admission webhook: the worker must hold alone.</summary>
public sealed class ScenarioTests(SharedOperator shared) : IClassFixture<SharedOperator>
{
    private static readonly ResourceType _configMaps = new("", "v1", "ConfigMap", "configmaps", true);
    private static readonly ResourceType _services = new("", "v1", "Service", "services", true);
    private readonly OperatorUnderTest _under = shared.Running;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scenario20_and_22_what_the_policy_allows_is_made_in_the_target_namespace()
    {
        await NamespaceAsync("s22-target");
        var ns = await _under.NamespaceWithPolicyAsync("s22", "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [s22-target]}]");
        await TemplateAsync(ns, "{apiVersion: v1, kind: ConfigMap, metadata: {name: made, namespace: s22-target}, data: {a: b}}");
        await _under.ReportedAsync(ns, "t", Phases.Completed);
        Assert.Equal("b", (string)(await _under.Client.GetAsync(_configMaps, new("s22-target", "made"), Stop)).ToJson()["data"]!["a"]!);
    }

    [Fact]
    public async Task Scenario21_without_a_policy_the_status_names_what_is_missing()
    {
        await NamespaceAsync("s21");
        await TemplateAsync("s21", "{apiVersion: v1, kind: ConfigMap, metadata: {name: made}}");
        await _under.ReportedAsync("s21", "t", Phases.Failed, "no KubeTemplatePolicy found for source namespace s21");
    }

    [Fact]
    public async Task Scenario23_and_R5_an_object_for_another_namespace_is_not_made_and_the_status_says_so()
    {
        await NamespaceAsync("s23-another");
        var ns = await _under.NamespaceWithPolicyAsync("s23", "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [s23]}]");
        await TemplateAsync(ns, "{apiVersion: v1, kind: ConfigMap, metadata: {name: made, namespace: s23-another}}");
        await _under.ReportedAsync(ns, "t", Phases.Failed, "s23-another");
        await RestAsync();
        await NotThereAsync(_configMaps, new("s23-another", "made"));
    }

    [Fact]
    public async Task Scenario24_a_rule_without_targets_allows_nothing()
    {
        var ns = await _under.NamespaceWithPolicyAsync("s24", "[{kind: Secret, group: \"\", version: v1, targetNamespaces: []}]");
        await TemplateAsync(ns, "{apiVersion: v1, kind: Secret, metadata: {name: made}}");
        await _under.ReportedAsync(ns, "t", Phases.Failed, "no target namespaces");
        await RestAsync();
        await NotThereAsync(new("", "v1", "Secret", "secrets", true), new(ns, "made"));
    }

    [Theory]
    [InlineData("s25", false)]
    [InlineData("s26", true)]
    public async Task Scenario25_and_26_an_immutable_change_fails_and_with_replace_makes_the_service_anew(string name, bool replace)
    {
        var ns = await _under.NamespaceWithPolicyAsync(name, $"[{{kind: Service, group: \"\", version: v1, targetNamespaces: [{name}]}}]");
        var (first, second) = replace ? ("127.96.9.1", "127.96.9.2") : ("127.96.9.3", "127.96.9.4");
        await ServiceAsync(first);
        await _under.ReportedAsync(ns, "t", Phases.Completed);
        var before = await _under.Client.GetAsync(_services, new(ns, "web"), Stop);

        await ServiceAsync(second);
        await _under.ReportedAsync(ns, "t", replace ? Phases.Completed : Phases.Failed, replace ? "" : "web");
        var after = await _under.Client.GetAsync(_services, new(ns, "web"), Stop);
        Assert.Equal((!replace, replace ? second : first), (before.Uid == after.Uid, (string)after.ToJson()["spec"]!["clusterIP"]!));

        Task ServiceAsync(string ip) => TemplateAsync(
            ns, $"{{apiVersion: v1, kind: Service, metadata: {{name: web}}, spec: {{clusterIP: {ip}, selector: {{app: web}}, ports: [{{port: 80}}]}}}}", replace);
    }

    [Fact]
    public async Task R9_an_object_in_another_namespace_gets_no_owner_and_is_not_collected()
    {
        await NamespaceAsync("r9-other");
        var ns = await _under.NamespaceWithPolicyAsync("r9", "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [r9, r9-other]}]");
        await _under.Cluster.InstallAsync("""
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplate
            metadata: {name: t, namespace: r9}
            spec:
              templates:
              - {referenced: true, object: {apiVersion: v1, kind: ConfigMap, metadata: {name: here}}}
              - {referenced: true, object: {apiVersion: v1, kind: ConfigMap, metadata: {name: there, namespace: r9-other}}}
            """, Stop);
        await _under.ReportedAsync(ns, "t", Phases.Completed);
        Assert.Equal("t", Assert.Single((await _under.Client.GetAsync(_configMaps, new("r9", "here"), Stop)).OwnerReferences).Name);
        Assert.Empty((await _under.Client.GetAsync(_configMaps, new("r9-other", "there"), Stop)).OwnerReferences);
    }

    private Task NamespaceAsync(string name) => _under.Cluster.InstallAsync($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}", Stop);

    private Task TemplateAsync(string ns, string manifest, bool replace = false) => _under.Cluster.InstallAsync(
        $"{{apiVersion: kubetemplater.io/v1alpha1, kind: KubeTemplate, metadata: {{name: t, namespace: {ns}}}, spec: {{templates: [{{replace: {(replace ? "true" : "false")}, object: {manifest}}}]}}}}",
        Stop);

    private Task RestAsync() =>
        Capstan.Testing.Eventually.SeeAsync("an idle operator", _ => Task.FromResult(_under.Operator.IsIdle), idle => idle, cancellationToken: Stop);

    private async Task NotThereAsync(ResourceType type, ObjectKey key) =>
        Assert.True((await Assert.ThrowsAsync<ApiException>(() => _under.Client.GetAsync(type, key, Stop))).IsNotFound);
}
