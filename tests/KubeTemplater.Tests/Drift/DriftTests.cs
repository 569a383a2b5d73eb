using System.Text;
using Capstan;
using Capstan.Applying;
using Capstan.Testing;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.Drift;

/// <summary>What others do to the objects of templates, and what becomes of it, through a server.</summary>
public sealed class DriftTests(SharedOperator shared) : IClassFixture<SharedOperator>
{
    private static readonly ResourceType ConfigMaps = new("", "v1", "ConfigMap", "configmaps", true);
    private static readonly ResourceType Deployments = new("apps", "v1", "Deployment", "deployments", true);

    private OperatorUnderTest Under => shared.Running;

    [Fact]
    public async Task R1_drift_of_a_template_that_is_new_is_put_right_without_further_ado()
    {
        var ns = await GivenAsync("r1", ConfigMap("settings"));

        await PatchAsync(ns, "settings", """[{"op":"replace","path":"/data/mode","value":"slow"}]""");

        await SeeAsync(ns, "settings", live => live.Contains("\"mode\":\"fast\"", StringComparison.Ordinal));
        var status = await DriftedAsync(ns, 1);
        Assert.Equal(Phases.Completed, status.ProcessingPhase);
        Assert.NotNull(status.LastDriftDetected);
        await Eventually.SeeAsync(
            "an event of the correction",
            async ct => (await Under.Client.ListAsync<KubeEvent>(new() { Namespace = ns }, ct)).Items.Where(e => e.Reason == "DriftCorrected").Select(e => e.Note).FirstOrDefault(),
            note => note == $"ConfigMap {ns}/settings was changed by somebody, and is as wanted again");
    }

    [Fact]
    public async Task R2_an_object_whose_manifest_has_no_namespace_is_made_again_when_it_is_deleted()
    {
        var ns = await GivenAsync("r2", ConfigMap("settings"));
        var before = await Under.Client.GetAsync(ConfigMaps, new(ns, "settings"), TestContext.Current.CancellationToken);

        await Under.Client.DeleteAsync(ConfigMaps, new(ns, "settings"), cancellationToken: TestContext.Current.CancellationToken);

        await Eventually.SeeAsync("another object", ct => FindAsync(ns, "settings", ct), live => live is not null && live.Uid != before.Uid);
        var status = await DriftedAsync(ns, 1);
        Assert.NotEqual(before.Uid, Assert.Single(status.Resources!).Uid);
    }

    [Fact]
    public async Task R3_labels_and_owners_are_kept_by_a_correction_and_put_back_when_they_are_taken()
    {
        var ns = await GivenAsync("r3", """{object: {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {mode: fast}}, referenced: true}""");

        await PatchAsync(ns, "settings", """[{"op":"replace","path":"/data/mode","value":"slow"}]""");
        await SeeAsync(ns, "settings", live => live.Contains("\"mode\":\"fast\"", StringComparison.Ordinal));
        await DriftedAsync(ns, 1);
        await PatchAsync(ns, "settings", """[{"op":"remove","path":"/metadata/labels/kubetemplater.io~1template-name"}]""");
        await DriftedAsync(ns, 2);
        await PatchAsync(ns, "settings", """[{"op":"remove","path":"/metadata/ownerReferences"}]""");
        await DriftedAsync(ns, 3);
        await PatchAsync(ns, "settings", """[{"op":"replace","path":"/metadata/labels/kubetemplater.io~1template-name","value":"other"}]""");
        await DriftedAsync(ns, 4);

        var live = await Under.Client.GetAsync(ConfigMaps, new(ns, "settings"), TestContext.Current.CancellationToken);
        Assert.Equal("t", live.Labels["kubetemplater.io/template-name"]);
        Assert.Equal("KubeTemplate", Assert.Single(live.OwnerReferences).Kind);
    }

    [Fact]
    public async Task R11_a_change_of_the_spec_after_a_change_by_hand_is_applied()
    {
        var ns = await GivenAsync("r11", ConfigMap("settings"));
        await Under.StopOperatorAsync();
        await PatchAsync(ns, "settings", """[{"op":"replace","path":"/data/mode","value":"slow"}]""");
        await Under.Client.PatchAsync(
            KubeTemplate.Resource, new(ns, "t"), PatchType.Json, Encoding.UTF8.GetBytes("""[{"op":"replace","path":"/spec/templates/0/object/data/mode","value":"new"}]"""),
            cancellationToken: TestContext.Current.CancellationToken);
        await Under.StartOperatorAsync();

        await SeeAsync(ns, "settings", live => live.Contains("\"mode\":\"new\"", StringComparison.Ordinal));
        await Under.ReportedAsync(ns, "t", Phases.Completed);
    }

    [Fact]
    public async Task S2_what_the_policy_allows_no_more_is_not_put_right()
    {
        var ns = await GivenAsync("s2", ConfigMap("settings"));
        await Under.Client.PatchAsync(
            KubeTemplatePolicy.Resource, new(OperatorUnderTest.OperatorNamespace, ns), PatchType.Json,
            Encoding.UTF8.GetBytes("""[{"op":"replace","path":"/spec/validationRules/0/targetNamespaces","value":["elsewhere"]}]"""),
            cancellationToken: TestContext.Current.CancellationToken);
        await Under.ReportedAsync(ns, "t", Phases.Failed);
        var applies = await AppliesAsync();

        await PatchAsync(ns, "settings", """[{"op":"replace","path":"/data/mode","value":"slow"}]""");
        await OvertakenAsync(ns);

        Assert.Equal(applies + 2, await AppliesAsync());
        Assert.Contains("slow", Text((await FindAsync(ns, "settings", TestContext.Current.CancellationToken))!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_correction_costs_one_apply_and_one_status_patch()
    {
        var ns = await GivenAsync("cost", ConfigMap("settings"), ConfigMap("other"));
        var (applies, patches) = (await AppliesAsync(), await Under.ServerCountAsync("PATCH", "kubetemplates", "status"));

        await PatchAsync(ns, "settings", """[{"op":"replace","path":"/data/mode","value":"slow"}]""");
        await DriftedAsync(ns, 1);

        Assert.Equal((applies + 1, patches + 1), (await AppliesAsync(), await Under.ServerCountAsync("PATCH", "kubetemplates", "status")));
    }

    [Fact]
    public async Task What_others_add_costs_nothing()
    {
        var ns = await GivenAsync("nothing", ConfigMap("settings"));
        var applies = await AppliesAsync();

        await PatchAsync(ns, "settings", """[{"op":"add","path":"/data/other","value":"theirs"}]""");
        await PatchAsync(ns, "settings", """[{"op":"add","path":"/metadata/annotations","value":{"a":"b"}}]""");
        await OvertakenAsync(ns);

        Assert.Equal(applies + 2, await AppliesAsync());
        Assert.Null((await Under.Client.GetAsync<KubeTemplate>(new(ns, "t"), TestContext.Current.CancellationToken)).Status!.DriftDetectionCount);
    }

    [Fact]
    public async Task What_happened_while_the_operator_was_down_is_put_right_and_a_restart_alone_writes_nothing()
    {
        var ns = await GivenAsync("down", ConfigMap("gone"), ConfigMap("changed"), ConfigMap("same"));
        await Under.StopOperatorAsync();
        await Under.Client.DeleteAsync(ConfigMaps, new(ns, "gone"), cancellationToken: TestContext.Current.CancellationToken);
        await PatchAsync(ns, "changed", """[{"op":"replace","path":"/data/mode","value":"slow"}]""");
        await PatchAsync(ns, "same", """[{"op":"add","path":"/data/other","value":"theirs"}]""");
        var applies = await AppliesAsync();

        await Under.StartOperatorAsync();
        await DriftedAsync(ns, 2);
        Assert.Equal(applies + 2, await AppliesAsync());

        await Under.StopOperatorAsync();
        await Under.StartOperatorAsync();
        await PatchAsync(ns, "same", """[{"op":"replace","path":"/data/mode","value":"slow"}]""");
        await DriftedAsync(ns, 3);
        Assert.Equal(applies + 3, await AppliesAsync());
    }

    [Fact]
    public async Task An_object_of_somebody_else_that_took_the_name_is_not_taken_over()
    {
        var ns = await GivenAsync("name", ConfigMap("settings"));
        await Under.StopOperatorAsync();
        await Under.Client.DeleteAsync(ConfigMaps, new(ns, "settings"), cancellationToken: TestContext.Current.CancellationToken);
        await Under.Client.CreateAsync(
            ConfigMaps,
            DynamicObject.Parse(Encoding.UTF8.GetBytes($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings","namespace":"{{{ns}}}"},"data":{"mode":"theirs"}}""")),
            cancellationToken: TestContext.Current.CancellationToken);

        await Under.StartOperatorAsync();
        var failed = await Under.ReportedAsync(ns, "t", Phases.Failed, "conflict");

        Assert.Contains("capstan-testing", failed.Status!.Status, StringComparison.Ordinal);
        Assert.Contains("theirs", Text((await FindAsync(ns, "settings", TestContext.Current.CancellationToken))!), StringComparison.Ordinal);

        // It would be tried again, and other tests count applies.
        await Under.Client.DeleteAsync<KubeTemplate>(new(ns, "t"), cancellationToken: TestContext.Current.CancellationToken);
        await Eventually.SeeAsync("an idle operator", _ => Task.FromResult(Under.Operator.IsIdle), idle => idle);
    }

    [Fact]
    public async Task What_the_server_fills_in_and_writes_otherwise_is_no_drift_and_ignored_fields_are_others()
    {
        var ns = await GivenAsync("defaults", """
            {ignoreFields: [/spec/replicas], object: {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 1, selector: {matchLabels: {app: web}},
              template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: nginx, resources: {limits: {cpu: 1000m, memory: 1024Mi}}, ports: [{containerPort: 80}]}]}}}}}
            """);

        foreach (var patch in (string[])[
            """[{"op":"replace","path":"/spec/replicas","value":3}]""",
            """[{"op":"replace","path":"/spec/template/spec/containers/0/resources/limits/cpu","value":"1"}]""",
            """[{"op":"add","path":"/metadata/annotations","value":{"deployment.kubernetes.io/revision":"7"}}]"""])
        {
            await Under.Client.PatchAsync(Deployments, new(ns, "web"), PatchType.Json, Encoding.UTF8.GetBytes(patch), new() { FieldManager = "somebody" }, TestContext.Current.CancellationToken);
        }

        await Under.Client.PatchAsync(
            Deployments, new(ns, "web"), PatchType.Json, Encoding.UTF8.GetBytes("""[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"other"}]"""),
            new() { FieldManager = "somebody" }, TestContext.Current.CancellationToken);
        await DriftedAsync(ns, 1);

        var live = Text(await Under.Client.GetAsync(Deployments, new(ns, "web"), TestContext.Current.CancellationToken));
        Assert.Contains("\"replicas\":3", live, StringComparison.Ordinal);
        Assert.Contains("\"image\":\"nginx\"", live, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suspended_template_leaves_drift_alone_until_it_goes_on()
    {
        var ns = await GivenAsync("asleep", ConfigMap("settings"));
        await SetAsync(ns, "suspend", "true");
        await Under.ReportedAsync(ns, "t", Phases.Completed);
        var applies = await AppliesAsync();
        await PatchAsync(ns, "settings", """[{"op":"replace","path":"/data/mode","value":"slow"}]""");
        await OvertakenAsync(ns);
        Assert.Equal(applies + 2, await AppliesAsync());

        await SetAsync(ns, "suspend", "false");

        await SeeAsync(ns, "settings", live => live.Contains("\"mode\":\"fast\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_failed_template_did_apply_is_put_right_before_its_next_try_and_that_counts_as_none()
    {
        await using var under = await OperatorUnderTest.StartAsync(new() { InitialRetryDelay = TimeSpan.FromHours(1), MaxRetryDelay = TimeSpan.FromHours(2) });
        await under.NamespaceWithPolicyAsync("half", """[{kind: ConfigMap, group: "", version: v1, targetNamespaces: [half, missing]}]""");
        await under.Cluster.InstallAsync($$"""
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplate
            metadata: {name: t, namespace: half}
            spec: {templates: [{{ConfigMap("settings")}}, {object: {apiVersion: v1, kind: ConfigMap, metadata: {name: lost, namespace: missing} } }]}
            """);
        var failed = (await under.ReportedAsync("half", "t", Phases.Failed, "not found")).Status!;
        Assert.Equal([ResourceStates.Applied, ResourceStates.Failed], failed.Resources!.Select(made => made.State));
        var tries = await under.ServerCountAsync("APPLY", "configmaps");

        await under.Client.PatchAsync(
            ConfigMaps, new("half", "settings"), PatchType.Json, """[{"op":"replace","path":"/data/mode","value":"slow"}]"""u8.ToArray(), new() { FieldManager = "somebody" },
            TestContext.Current.CancellationToken);

        var corrected = (await Eventually.SeeAsync(
            "a correction", ct => under.Client.GetAsync<KubeTemplate>(new("half", "t"), ct), template => template.Status?.DriftDetectionCount == 1)).Status!;
        Assert.Contains("fast", Text(await under.Client.GetAsync(ConfigMaps, new("half", "settings"), TestContext.Current.CancellationToken)), StringComparison.Ordinal);
        Assert.Equal(tries + 1, await under.ServerCountAsync("APPLY", "configmaps"));
        Assert.Equal(
            (failed.ProcessingPhase, failed.Status, failed.RetryCount, failed.ProcessedAt, failed.Resources![1]),
            (corrected.ProcessingPhase, corrected.Status, corrected.RetryCount, corrected.ProcessedAt, corrected.Resources![1]));
        Assert.Equal((failed.Resources[0].Uid, ResourceStates.Applied), (corrected.Resources[0].Uid, corrected.Resources[0].State));
    }

    private static string ConfigMap(string name) => $"{{object: {{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}, data: {{mode: fast}}}}}}";

    private static string Text(DynamicObject live) => Encoding.UTF8.GetString(live.Json.Span);

    /// <summary>A namespace with a template "t" that is applied.</summary>
    private async Task<string> GivenAsync(string ns, params string[] entries)
    {
        await Under.NamespaceWithPolicyAsync(
            ns, $$"""[{kind: ConfigMap, group: "", version: v1, targetNamespaces: [{{ns}}]}, {kind: Deployment, group: apps, version: v1, targetNamespaces: [{{ns}}]}]""");
        await Under.Cluster.InstallAsync($$"""
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplate
            metadata: {name: t, namespace: {{ns}}}
            spec: {templates: [{{string.Join(", ", entries)}}]}
            """);
        await Under.ReportedAsync(ns, "t", Phases.Completed);
        return ns;
    }

    private async Task<KubeTemplateStatus> DriftedAsync(string ns, int times) => (await Eventually.SeeAsync(
        $"{times} corrections in {ns}",
        ct => Under.Client.GetAsync<KubeTemplate>(new(ns, "t"), ct),
        template => template.Status?.DriftDetectionCount == times)).Status!;

    /// <summary>Returns when drift that came after everything before this was put right: two applies more, one to make and one to correct.</summary>
    private async Task OvertakenAsync(string ns)
    {
        var later = $"{ns}-later";
        await GivenAsync(later, ConfigMap("settings"));
        await PatchAsync(later, "settings", """[{"op":"replace","path":"/data/mode","value":"slow"}]""");
        await DriftedAsync(later, 1);
    }

    private Task<DynamicObject> PatchAsync(string ns, string name, string patch) => Under.Client.PatchAsync(
        ConfigMaps, new(ns, name), PatchType.Json, Encoding.UTF8.GetBytes(patch), new() { FieldManager = "somebody" }, TestContext.Current.CancellationToken);

    private Task<DynamicObject> SetAsync(string ns, string field, string value) => Under.Client.PatchAsync(
        KubeTemplate.Resource, new(ns, "t"), PatchType.Merge, Encoding.UTF8.GetBytes($$$"""{"spec":{"{{{field}}}":{{{value}}}}}"""), cancellationToken: TestContext.Current.CancellationToken);

    private Task SeeAsync(string ns, string name, Func<string, bool> isSo) =>
        Eventually.SeeAsync($"{ns}/{name}", async ct => await FindAsync(ns, name, ct) is { } live ? Text(live) : "", isSo);

    private async Task<DynamicObject?> FindAsync(string ns, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await Under.Client.GetAsync(ConfigMaps, new(ns, name), cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    private Task<long> AppliesAsync() => Under.ServerCountAsync("APPLY", "configmaps");
}
