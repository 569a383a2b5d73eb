using Capstan;
using Capstan.Testing;
using KubeTemplater.Resources;
using Conditions = Capstan.Applying.Conditions;

namespace KubeTemplater.Tests.Policies;

/// <summary>Policies that tell what breaks their rules and let it pass.</summary>
public sealed class EnforcementTests(SharedOperator shared) : IClassFixture<SharedOperator>
{
    private const string Labelled = "fieldValidations: [{name: team, type: required, fieldPath: metadata.labels.team}]";
    private static readonly ResourceType _configMaps = new("", "v1", "ConfigMap", "configmaps", true);
    private static readonly ResourceType _events = new("events.k8s.io", "v1", "Event", "events", true);
    private readonly OperatorUnderTest _under = shared.Running;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Warn", "Warned")]
    [InlineData("Audit", "Audited")]
    public async Task What_breaks_rules_is_applied_and_told_in_status_and_event(string enforcement, string reason)
    {
        var ns = enforcement.ToLowerInvariant();
        await InstallAsync(ns, enforcement, Labelled);
        await _under.Cluster.InstallAsync(Template(ns), Cancel);

        var template = await _under.ReportedAsync(ns, "settings", "Completed");

        var found = Conditions.Find(template.Status!.Conditions, "Compliant")!;
        Assert.Equal(("False", reason), (found.Status, found.Reason));
        Assert.Equal($"template[0] ConfigMap {ns}/settings: fieldValidation (team): metadata.labels.team is required", found.Message);
        Assert.NotNull(await _under.Client.GetAsync(_configMaps, new(ns, "settings"), Cancel));
        await Eventually.SeeAsync(
            "the event",
            async ct => (await _under.Client.ListAsync(_events, new() { Namespace = ns }, ct)).Items.Select(one => (string?)one.ToJson()["reason"]).ToList(),
            reasons => reasons.Contains($"PolicyViolation{reason}"),
            cancellationToken: Cancel);
        await Eventually.SeeAsync(
            "the failure to be counted",
            ct => _under.Client.GetAsync<KubeTemplatePolicy>(new(OperatorUnderTest.OperatorNamespace, ns), ct),
            policy => policy.Status is { ValidationFailures: 1, ValidationSuccesses: 0 or null },
            cancellationToken: Cancel);
    }

    [Fact]
    public async Task A_change_of_policy_changes_what_is_said_and_applies_nothing_again()
    {
        await InstallAsync("said", "Warn", "");
        await _under.Cluster.InstallAsync(Template("said"), Cancel);
        var first = await _under.ReportedAsync("said", "settings", "Completed");
        Assert.Equal("True", Conditions.Find(first.Status!.Conditions, "Compliant")!.Status);
        var made = await _under.Client.GetAsync(_configMaps, new("said", "settings"), Cancel);

        await InstallAsync("said", "Warn", Labelled);
        var second = await SeenAsync("False");
        await InstallAsync("said", "Warn", "");
        await SeenAsync("True");
        await InstallAsync("said", "Deny", "");
        await SeenAsync(null);

        Assert.Equal((first.Status.ProcessedAt, "Completed"), (second.Status!.ProcessedAt, second.Status.ProcessingPhase));
        Assert.Equal(made.ResourceVersion, (await _under.Client.GetAsync(_configMaps, new("said", "settings"), Cancel)).ResourceVersion);

        Task<KubeTemplate> SeenAsync(string? status) => Eventually.SeeAsync(
            $"Compliant {status}",
            ct => _under.Client.GetAsync<KubeTemplate>(new("said", "settings"), ct),
            template => Conditions.Find(template.Status?.Conditions, "Compliant")?.Status == status,
            cancellationToken: Cancel);
    }

    [Fact]
    public async Task S6_what_gives_power_is_refused_all_the_same()
    {
        await InstallAsync("lenient", "Audit", "", kind: "\"*\"", group: "\"*\"");
        await _under.Cluster.InstallAsync(
            """
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplate
            metadata: {name: settings, namespace: lenient}
            spec: {templates: [{object: {apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: x}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}}}]}
            """,
            Cancel);

        await _under.ReportedAsync("lenient", "settings", "Failed", "would have to name it in full");
    }

    private Task InstallAsync(string ns, string enforcement, string checks, string kind = "ConfigMap", string group = "\"\"") => _under.Cluster.InstallAsync(
        $$"""
        apiVersion: v1
        kind: Namespace
        metadata: {name: {{ns}}}
        ---
        apiVersion: kubetemplater.io/v1alpha1
        kind: KubeTemplatePolicy
        metadata: {name: {{ns}}, namespace: {{OperatorUnderTest.OperatorNamespace}}}
        spec:
          sourceNamespace: {{ns}}
          enforcement: {{enforcement}}
          validationRules:
          - {kind: {{kind}}, group: {{group}}, version: v1, targetNamespaces: [{{ns}}]{{(checks.Length == 0 ? "" : ", ")}}{{checks}} }
        """,
        Cancel);

    private static string Template(string ns) => $$$"""
        apiVersion: kubetemplater.io/v1alpha1
        kind: KubeTemplate
        metadata: {name: settings, namespace: {{{ns}}}}
        spec: {templates: [{object: {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {mode: fast} } }]}
        """;
}
