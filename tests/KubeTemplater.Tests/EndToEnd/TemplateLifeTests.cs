using System.Text;
using Capstan;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.EndToEnd;

/// <summary>What becomes of a template, over the wire.</summary>
public sealed class TemplateLifeTests(SharedOperator shared) : IClassFixture<SharedOperator>
{
    private static readonly ResourceType _configMaps = new("", "v1", "ConfigMap", "configmaps", true);
    private static readonly ResourceType _services = new("", "v1", "Service", "services", true);
    private static readonly ResourceType _deployments = new("apps", "v1", "Deployment", "deployments", true);
    private readonly OperatorUnderTest _under = shared.Running;

    [Fact]
    public async Task A_deployment_and_a_service_are_made_and_follow_the_template()
    {
        var ns = await _under.NamespaceWithPolicyAsync("scenario-1", """
            [{kind: Deployment, group: apps, version: v1, targetNamespaces: [scenario-1]},
             {kind: Service, group: "", version: v1, targetNamespaces: [scenario-1]},
             {kind: ConfigMap, group: "", version: v1, targetNamespaces: [scenario-1]}]
            """);
        await _under.Cluster.InstallAsync(Shop(ns, replicas: 2));

        var template = await _under.ReportedAsync(ns, "shop", "Completed");
        Assert.Equal(("Completed", "Completed", 2, 2), (template.Status!.ProcessingPhase, template.Status.Status, template.Status.ResourcesTotal, template.Status.ResourcesSynced));
        Assert.NotNull(template.Status.QueuedAt);
        Assert.NotNull(template.Status.ProcessedAt);
        Assert.Equal(
            ["Ready=True", "Reconciling=False", "Stalled=False"], template.Status.Conditions!.Select(condition => $"{condition.Type}={condition.Status}").Order(StringComparer.Ordinal));
        foreach (var (type, name) in new[] { (_deployments, "web"), (_services, "web") })
        {
            var made = await _under.Client.GetAsync(type, new(ns, name));
            Assert.Equal(("shop", ns), (made.Labels["kubetemplater.io/template-name"], made.Labels["kubetemplater.io/template-namespace"]));
        }

        await _under.Cluster.InstallAsync(Shop(ns, replicas: 3));
        var changed = await _under.ReportedAsync(ns, "shop", "Completed");

        Assert.NotEqual(template.Status.AppliedSpecHash, changed.Status!.AppliedSpecHash);
        Assert.Equal(3, (int)(await _under.Client.GetAsync(_deployments, new(ns, "web"))).ToJson()["spec"]!["replicas"]!);
    }

    [Fact]
    public async Task Without_a_policy_it_fails_and_is_applied_at_once_when_there_is_one()
    {
        await _under.Cluster.InstallAsync("{apiVersion: v1, kind: Namespace, metadata: {name: no-policy}}");
        await _under.Cluster.InstallAsync(Settings("no-policy"));

        var failed = await _under.ReportedAsync("no-policy", "settings", "Failed");
        Assert.Equal(
            "Error: no KubeTemplatePolicy found for source namespace no-policy in operator namespace kubetemplater-system", failed.Status!.Status);
        Assert.Equal(("False", "NoPolicy"), (failed.Status.Conditions![0].Status, failed.Status.Conditions[0].Reason));

        await _under.NamespaceWithPolicyAsync("no-policy", Allow("no-policy"));

        await _under.ReportedAsync("no-policy", "settings", "Completed");
    }

    [Fact]
    public async Task With_two_policies_it_fails_and_names_both_until_one_goes()
    {
        var ns = await _under.NamespaceWithPolicyAsync("two-policies", Allow("two-policies"));
        await _under.Cluster.InstallAsync(Policy("kubetemplater-system", "two-policies-more", ns));
        await _under.Cluster.InstallAsync(Settings(ns));

        var failed = await _under.ReportedAsync(ns, "settings", "Failed", "multiple KubeTemplatePolicies found");
        Assert.Contains("multiple KubeTemplatePolicies found", failed.Status!.Status, StringComparison.Ordinal);
        Assert.Contains("two-policies, two-policies-more", failed.Status.Status, StringComparison.Ordinal);

        await _under.Client.DeleteAsync<KubeTemplatePolicy>(new("kubetemplater-system", "two-policies-more"));

        await _under.ReportedAsync(ns, "settings", "Completed");
    }

    [Fact]
    public async Task S1_a_policy_outside_the_operators_namespace_counts_for_nothing()
    {
        await _under.Cluster.InstallAsync("{apiVersion: v1, kind: Namespace, metadata: {name: self-made}}");
        await _under.Cluster.InstallAsync(Policy("self-made", "mine", "self-made"));
        await _under.Cluster.InstallAsync(Settings("self-made"));

        Assert.Equal("NoPolicy", (await _under.ReportedAsync("self-made", "settings", "Failed")).Status!.Conditions![0].Reason);
        Assert.Empty((await _under.Client.ListAsync(_configMaps, new() { Namespace = "self-made", LabelSelector = "kubetemplater.io/template-name" })).Items);
    }

    [Fact]
    public async Task A_forbidden_kind_and_a_forbidden_namespace_are_both_reported_and_nothing_is_written()
    {
        var ns = await _under.NamespaceWithPolicyAsync("forbidden", Allow("forbidden"));
        await _under.Cluster.InstallAsync($$$$$$"""
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplate
            metadata: {name: mixed, namespace: {{{{{{ns}}}}}}}
            spec:
              templates:
              - object: {apiVersion: v1, kind: ConfigMap, metadata: {name: fine}}
              - object: {apiVersion: v1, kind: Secret, metadata: {name: hidden}}
              - object: {apiVersion: v1, kind: ConfigMap, metadata: {name: elsewhere, namespace: default}}
            """);

        var failed = await _under.ReportedAsync(ns, "mixed", "Failed", "template[1]");

        Assert.Equal("Failed", failed.Status!.ProcessingPhase);
        Assert.Contains("template[1] Secret forbidden/hidden: resource type v1 Secret is not allowed by policy kubetemplater-system/forbidden", failed.Status.Status, StringComparison.Ordinal);
        Assert.Contains("template[2] ConfigMap default/elsewhere: namespace default is not in the allowed target namespaces (forbidden)", failed.Status.Status, StringComparison.Ordinal);
        Assert.Equal((3, 0), (failed.Status.ResourcesTotal, failed.Status.ResourcesSynced));
        Assert.Empty((await _under.Client.ListAsync(_configMaps, new() { Namespace = ns, FieldSelector = "metadata.name=fine" })).Items);
    }

    [Fact]
    public async Task S4_a_tightened_policy_fails_what_it_no_longer_allows_and_deletes_nothing()
    {
        var ns = await _under.NamespaceWithPolicyAsync("tightened", Allow("tightened"));
        await _under.Cluster.InstallAsync(Settings(ns));
        await _under.ReportedAsync(ns, "settings", "Completed");

        await _under.NamespaceWithPolicyAsync(ns, "[{kind: Secret, group: \"\", version: v1, targetNamespaces: [tightened]}]");

        await _under.ReportedAsync(ns, "settings", "Failed");
        Assert.NotNull(await _under.Client.GetAsync(_configMaps, new(ns, "settings")));
    }

    [Fact]
    public async Task A_check_that_fails_refuses_and_a_change_that_heeds_it_is_applied_at_once()
    {
        var ns = await _under.NamespaceWithPolicyAsync("conditional", """
            [{kind: ConfigMap, group: "", version: v1, targetNamespaces: [conditional], fieldValidations: [{name: named, type: required, fieldPath: metadata.labels.team}]}]
            """);
        await _under.Cluster.InstallAsync(Settings(ns));

        var failed = await _under.ReportedAsync(ns, "settings", "Failed", "fieldValidation");
        Assert.Contains("fieldValidation (named): metadata.labels.team is required", failed.Status!.Status, StringComparison.Ordinal);

        await _under.Cluster.InstallAsync(Settings(ns).Replace("{name: settings}", "{name: settings, labels: {team: blue}}", StringComparison.Ordinal));
        await _under.ReportedAsync(ns, "settings", "Completed");
    }

    [Theory]
    [InlineData("no-kind", "{apiVersion: v1, metadata: {name: a}}", "template[0]: object has no kind")]
    [InlineData("no-name", "{apiVersion: v1, kind: ConfigMap}", "template[0]: ConfigMap has no metadata.name")]
    [InlineData("bad-value", "{apiVersion: v1, kind: ConfigMap, metadata: {name: UPPER}}", "template[0] ConfigMap broken/UPPER:")]
    public async Task A_broken_entry_is_named(string name, string entry, string message)
    {
        await _under.NamespaceWithPolicyAsync("broken", Allow("broken"));
        await _under.Cluster.InstallAsync($$$$$$"""
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplate
            metadata: {name: {{{{{{name}}}}}}, namespace: broken}
            spec: {templates: [{object: {{{{{{entry}}}}}}}]}
            """);

        Assert.StartsWith($"Error: {message}", (await _under.ReportedAsync("broken", name, "Failed", "template[0]")).Status!.Status, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_too_large_is_reported_and_harms_no_other_template()
    {
        var ns = await _under.NamespaceWithPolicyAsync("too-large", Allow("too-large"));
        var large = new string('x', 1_048_577);
        await _under.Cluster.InstallAsync($$$$$$"""
            {"apiVersion":"kubetemplater.io/v1alpha1","kind":"KubeTemplate","metadata":{"name":"large","namespace":"{{{{{{ns}}}}}}"},
             "spec":{"templates":[{"object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"large"},"data":{"x":"{{{{{{large}}}}}}"}}}]}}
            """);
        await _under.Cluster.InstallAsync(Settings(ns));

        var failed = await _under.ReportedAsync(ns, "large", "Failed", "template[0]");
        await _under.ReportedAsync(ns, "settings", "Completed");

        Assert.StartsWith("Error: template[0] ConfigMap too-large/large: ", failed.Status!.Status, StringComparison.Ordinal);
        Assert.Contains("larger than 1048576 bytes", failed.Status.Status, StringComparison.Ordinal);
        Assert.True(failed.Status.Status!.Length < 5000, $"a status of {failed.Status.Status.Length} characters");
    }

    [Fact]
    public async Task A_kind_that_comes_later_is_waited_for()
    {
        var ns = await _under.NamespaceWithPolicyAsync("later", "[{kind: Widget, group: later.example.com, version: v1, targetNamespaces: [later]}]");
        await _under.Cluster.InstallAsync($$$$$$"""
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplate
            metadata: {name: early, namespace: {{{{{{ns}}}}}}}
            spec: {templates: [{object: {apiVersion: later.example.com/v1, kind: Widget, metadata: {name: w}, spec: {size: 1}}}]}
            """);
        Assert.Contains(
            "the API server serves no Widget in later.example.com/v1", (await _under.ReportedAsync(ns, "early", "Failed", "template[0]")).Status!.Status, StringComparison.Ordinal);

        await _under.Cluster.InstallAsync("""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: widgets.later.example.com}
            spec:
              group: later.example.com
              names: {kind: Widget, plural: widgets}
              scope: Namespaced
              versions:
              - name: v1
                served: true
                storage: true
                schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
            """);

        await _under.ReportedAsync(ns, "early", "Completed");
    }

    [Fact]
    public async Task Replace_makes_an_immutable_object_anew_but_only_one_of_its_own()
    {
        var ns = await _under.NamespaceWithPolicyAsync("replaced", Allow("replaced"));
        await _under.Cluster.InstallAsync(Frozen(ns, "v1"));
        await _under.ReportedAsync(ns, "frozen", "Completed");
        var before = await _under.Client.GetAsync(_configMaps, new(ns, "frozen"));

        await _under.Cluster.InstallAsync(Frozen(ns, "v2"));
        await _under.ReportedAsync(ns, "frozen", "Completed");
        var after = await _under.Client.GetAsync(_configMaps, new(ns, "frozen"));
        Assert.NotEqual(before.Uid, after.Uid);
        Assert.Equal("v2", (string?)after.ToJson()["data"]!["x"]);

        await _under.StopOperatorAsync();
        await _under.Client.DeleteAsync(_configMaps, new(ns, "frozen"));
        var other = await _under.Client.CreateAsync(_configMaps, DynamicObject.Parse(Encoding.UTF8.GetBytes(
            $$$$$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"frozen","namespace":"{{{{{{ns}}}}}}"},"immutable":true,"data":{"x":"theirs"}}""")));
        await _under.Cluster.InstallAsync(Entry(ns, "frozen", "replace: true, adopt: true, object: {apiVersion: v1, kind: ConfigMap, metadata: {name: frozen}, immutable: true, data: {x: v3}}"));
        await _under.StartOperatorAsync();
        var failed = await _under.ReportedAsync(ns, "frozen", "Failed", "not replaced, since it was not made by this KubeTemplate");

        Assert.Equal(other.Uid, (await _under.Client.GetAsync(_configMaps, new(ns, "frozen"))).Uid);
        Assert.StartsWith("Error: template[0] ConfigMap replaced/frozen: ", failed.Status!.Status, StringComparison.Ordinal);
    }

    [Fact]
    public async Task S5_a_refusal_for_another_reason_never_deletes()
    {
        var ns = await _under.NamespaceWithPolicyAsync("not-replaced", Allow("not-replaced"));
        await _under.Cluster.InstallAsync(Entry(ns, "fine", "replace: true, object: {apiVersion: v1, kind: ConfigMap, metadata: {name: kept}, data: {x: \"1\"}}"));
        await _under.ReportedAsync(ns, "fine", "Completed");
        var before = await _under.Client.GetAsync(_configMaps, new(ns, "kept"));

        await _under.Cluster.InstallAsync(Entry(ns, "fine", "replace: true, object: {apiVersion: v1, kind: ConfigMap, metadata: {name: kept}, data: {\"not a key\": \"1\"}}"));
        await _under.ReportedAsync(ns, "fine", "Failed");

        Assert.Equal(before.Uid, (await _under.Client.GetAsync(_configMaps, new(ns, "kept"))).Uid);
    }

    [Fact]
    public async Task A_field_of_another_manager_is_not_taken_by_force()
    {
        var ns = await _under.NamespaceWithPolicyAsync("contested", Allow("contested"));
        await _under.Client.ApplyAsync(
            _configMaps,
            new(ns, "settings"),
            Encoding.UTF8.GetBytes($$$$$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings","namespace":"{{{{{{ns}}}}}}"},"data":{"mode":"slow"}}"""),
            new() { FieldManager = "somebody" });
        await _under.Cluster.InstallAsync(Settings(ns));

        var failed = await _under.ReportedAsync(ns, "settings", "Failed", "template[0]");

        Assert.Contains("conflict with \"somebody\"", failed.Status!.Status, StringComparison.Ordinal);
        Assert.Equal("slow", (string?)(await _under.Client.GetAsync(_configMaps, new(ns, "settings"))).ToJson()["data"]!["mode"]);
    }

    [Fact]
    public async Task Referenced_objects_are_owned_by_the_template()
    {
        var ns = await _under.NamespaceWithPolicyAsync("owned", Allow("owned"));
        await _under.Cluster.InstallAsync(Entry(ns, "owner", "referenced: true, object: {apiVersion: v1, kind: ConfigMap, metadata: {name: child}}"));
        var template = await _under.ReportedAsync(ns, "owner", "Completed");

        var owner = Assert.Single((await _under.Client.GetAsync(_configMaps, new(ns, "child"))).OwnerReferences);

        Assert.Equal(("KubeTemplate", "owner", template.Metadata.Uid), (owner.Kind, owner.Name, owner.Uid));
    }

    [Fact]
    public async Task An_empty_template_is_completed()
    {
        var ns = await _under.NamespaceWithPolicyAsync("empty", Allow("empty"));
        await _under.Cluster.InstallAsync($"{{apiVersion: kubetemplater.io/v1alpha1, kind: KubeTemplate, metadata: {{name: none, namespace: {ns}}}, spec: {{templates: []}}}}");

        Assert.Equal(0, (await _under.ReportedAsync(ns, "none", "Completed")).Status!.ResourcesSynced);
    }

    private async Task PatchAsync(ObjectKey key, string mergePatch) =>
        await _under.Client.PatchAsync(_configMaps, key, PatchType.Merge, Encoding.UTF8.GetBytes(mergePatch));

    private static string Allow(string ns) => $"[{{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [{ns}]}}]";

    private static string Policy(string ns, string name, string source) => $$$$$$"""
        apiVersion: kubetemplater.io/v1alpha1
        kind: KubeTemplatePolicy
        metadata: {name: {{{{{{name}}}}}}, namespace: {{{{{{ns}}}}}}}
        spec: {sourceNamespace: {{{{{{source}}}}}}, validationRules: {{{{{{Allow(source)}}}}}}}
        """;

    private static string Entry(string ns, string name, string entry) => $$$$$$"""
        apiVersion: kubetemplater.io/v1alpha1
        kind: KubeTemplate
        metadata: {name: {{{{{{name}}}}}}, namespace: {{{{{{ns}}}}}}}
        spec: {templates: [{ {{{{{{entry}}}}}} }]}
        """;

    private static string Settings(string ns) =>
        Entry(ns, "settings", "object: {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {mode: fast}}");

    private static string Frozen(string ns, string value) =>
        Entry(ns, "frozen", $"replace: true, object: {{apiVersion: v1, kind: ConfigMap, metadata: {{name: frozen}}, immutable: true, data: {{x: {value}}}}}");

    private static string Shop(string ns, int replicas) => $$$$$$"""
        apiVersion: kubetemplater.io/v1alpha1
        kind: KubeTemplate
        metadata: {name: shop, namespace: {{{{{{ns}}}}}}}
        spec:
          templates:
          - object:
              apiVersion: apps/v1
              kind: Deployment
              metadata: {name: web}
              spec:
                replicas: {{{{{{replicas}}}}}}
                selector: {matchLabels: {app: web}}
                template:
                  metadata: {labels: {app: web}}
                  spec: {containers: [{name: web, image: "reg.local/web:1"}]}
          - object:
              apiVersion: v1
              kind: Service
              metadata: {name: web}
              spec: {selector: {app: web}, ports: [{port: 80}]}
        """;
}
