using System.Net;
using System.Text.Json.Nodes;
using Capstan;
using Capstan.Dashboard.Tests;
using Capstan.Testing;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.Dashboards;

/// <summary>The dashboard of a whole operator, as a browser asks for it.</summary>
public sealed class TemplateDashboardTests : IAsyncLifetime
{
    private const string Rules = "[{kind: '*', group: '*', version: '*', targetNamespaces: ['*']}]";
    private const string Planted = "cGxhbnRlZC1zZWNyZXQ";
    private const string All = "[{nonResourceURLs: [/dashboard], verbs: [get]}, {apiGroups: ['', apps], resources: [pods, deployments, replicasets], verbs: [get, list]}]";

    private OperatorUnderTest _under = null!;

    public async ValueTask InitializeAsync() =>
        _under = await OperatorUnderTest.StartAsync(new() { MetricsBindAddress = "127.0.0.1:0", MetricsSecure = true, Dashboard = true, InitialRetryDelay = TimeSpan.FromMilliseconds(1) });

    public ValueTask DisposeAsync() => _under.DisposeAsync();

    [Fact]
    public async Task The_page_is_for_anybody_and_holds_nothing_and_its_data_are_for_those_who_may_get_it()
    {
        using var stranger = DashboardReader.Stranger(_under.Operator);
        foreach (var name in (string[])["", "main.js", "app.css", "mark.svg"])
        {
            using var page = await stranger.GetAsync($"/dashboard/{name}");
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            Assert.Contains("default-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
        }

        using var scrapesOnly = await DashboardReader.StartAsync(_under.Cluster, _under.Operator, "prometheus", "[{nonResourceURLs: [/metrics], verbs: [get]}]");
        using var reader = await DashboardReader.StartAsync(_under.Cluster, _under.Operator, "reader", "[{nonResourceURLs: [/dashboard], verbs: [get]}]");
        foreach (var path in (string[])["overview", "history", "search?q=a", "objects/KubeTemplate/a/b", "nothing"])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync(stranger, path));
            Assert.Equal(HttpStatusCode.Forbidden, await CodeAsync(scrapesOnly, path));
            Assert.Equal(path is "nothing" or "objects/KubeTemplate/a/b" ? HttpStatusCode.NotFound : HttpStatusCode.OK, await CodeAsync(reader, path));
        }

        using var metrics = await reader.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.Forbidden, metrics.StatusCode);
        using var bare = await stranger.GetAsync("/dashboard");
        Assert.Equal(("dashboard/", HttpStatusCode.TemporaryRedirect), (bare.Headers.Location!.OriginalString, bare.StatusCode));
        using var elsewhere = await stranger.GetAsync("/dashboard/../secret");
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
    }

    [Fact]
    public async Task The_first_page_counts_templates_and_tells_which_fail_and_why_and_which_policies_deny()
    {
        var ns = await _under.NamespaceWithPolicyAsync("counted", "[{kind: ConfigMap, group: '', version: v1, targetNamespaces: [counted]}]");
        await CreateAsync(ns, "fine", "{object: {apiVersion: v1, kind: ConfigMap, metadata: {name: fine}}}");
        await CreateAsync(ns, "refused", "{object: {apiVersion: v1, kind: Secret, metadata: {name: x}}}");
        await _under.ReportedAsync(ns, "fine", Phases.Completed);
        await _under.ReportedAsync(ns, "refused", Phases.Failed);

        using var reader = await DashboardReader.StartAsync(_under.Cluster, _under.Operator, "reader", All);
        var overview = await Eventually.SeeAsync("both templates", _ => reader.DataAsync("overview"), page => (int)page["templates"]!["phases"]!["Failed"]! == 1 && (int)page["templates"]!["phases"]!["Completed"]! == 1);

        Assert.Equal("kubetemplater", (string?)overview["source"]);
        Assert.Null(overview["databases"]);
        var templates = overview["templates"]!;
        AssertJson("""{"New":0,"Queued":0,"Processing":0,"Completed":1,"Failed":1,"Paused":0}""", templates["phases"]!);
        Assert.Equal(2, (int)templates["total"]!);
        var failing = Assert.Single(templates["failing"]!.AsArray())!.AsObject();
        failing.Remove("at");
        failing.Remove("took");
        var words = (string)failing["message"]!;
        Assert.StartsWith("Error: template[0] Secret", words, StringComparison.Ordinal);
        failing.Remove("message");
        AssertJson("""{"namespace":"counted","name":"refused","phase":"Failed","resources":1,"synced":0,"retries":0,"drifts":0,"reason":"PolicyViolation"}""", failing);
        var slow = Assert.Single(templates["slowest"]!.AsArray())!;
        Assert.Equal(("fine", 1), ((string?)slow["name"], (int)slow["synced"]!));
        Assert.Equal("[]", templates["drift"]!.ToJsonString());
        var policy = Assert.Single(overview["policies"]!["items"]!.AsArray())!;
        Assert.Equal(("counted", "counted", "Deny", 1), ((string?)policy["name"], (string?)policy["sourceNamespace"], (string?)policy["enforcement"], (int)policy["rules"]!));

        var found = await reader.DataAsync("search?q=REF");
        AssertJson("""{"total":1,"items":[{"kind":"KubeTemplate","namespace":"counted","name":"refused","state":"Failed"}]}""", found);
        Assert.Equal(1, (int)(await reader.DataAsync("search?q=&phase=Completed"))["total"]!);
        Assert.Equal(0, (int)(await reader.DataAsync("search?q=" + new string('x', 400)))["total"]!);
        Assert.Equal(3, (int)(await reader.DataAsync("search?q=counted"))["total"]!);
    }

    [Fact]
    public async Task A_template_opens_into_its_objects_and_their_pods_as_far_as_the_reader_may_see_them()
    {
        var ns = await _under.NamespaceWithPolicyAsync("tree", Rules);
        await CreateAsync(
            ns,
            "shop",
            "{object: {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}}, "
            + "{object: {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 2, selector: {matchLabels: {app: web}}, "
            + "template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'shop:1', env: [{name: PASSWORD, value: " + Planted + "}]}]}}}}}");
        await _under.ReportedAsync(ns, "shop", Phases.Completed);

        using var reader = await DashboardReader.StartAsync(_under.Cluster, _under.Operator, "reader", All);
        var detail = await Eventually.SeeAsync(
            "the pods of the Deployment", _ => reader.DataAsync("objects/KubeTemplate/tree/shop"), found => found["tree"]!.AsArray() is [_, { } web] && web["children"]!.AsArray() is [{ } set] && set["children"]!.AsArray().Count == 2);
        var tree = detail["tree"]!.AsArray();
        Assert.Equal(("ConfigMap", "settings", "Applied", "[]"), ((string?)tree[0]!["kind"], (string?)tree[0]!["name"], (string?)tree[0]!["state"], tree[0]!["children"]!.ToJsonString()));
        Assert.Equal(("ReplicaSet", "2 pods"), ((string?)tree[1]!["children"]![0]!["kind"], (string?)tree[1]!["children"]![0]!["message"]));
        var pod = tree[1]!["children"]![0]!["children"]![0]!;
        Assert.Equal(("Pod", "tree", "Pending"), ((string?)pod["kind"], (string?)pod["namespace"], (string?)pod["state"]));
        Assert.Contains(detail["fields"]!.AsArray(), field => (string?)field!["name"] == "Objects" && (string?)field["value"] == "2 of 2 as wanted");
        Assert.DoesNotContain(Planted, reader.Seen, StringComparison.Ordinal);

        // The operator may read Deployments; this reader may not, and is not lent the right.
        using var narrow = await DashboardReader.StartAsync(_under.Cluster, _under.Operator, "narrow", "[{nonResourceURLs: [/dashboard], verbs: [get]}]");
        var below = Assert.Single((await narrow.DataAsync("objects/KubeTemplate/tree/shop"))["tree"]![1]!["children"]!.AsArray())!;
        Assert.Equal("Unknown", (string?)below["state"]);
        Assert.Contains("system:serviceaccount:default:narrow", (string?)below["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_of_Secrets_are_in_no_answer_and_hostile_texts_are_data()
    {
        const string Hostile = "<img src=x onerror=alert(1)>";
        var ns = await _under.NamespaceWithPolicyAsync("hidden", Rules);
        await _under.Cluster.InstallAsync($"{{apiVersion: v1, kind: Secret, metadata: {{name: own, namespace: hidden}}, stringData: {{password: {Planted}}}}}");
        await CreateAsync(ns, "secrets", $"{{id: '{Hostile}', object: {{apiVersion: v1, kind: Secret, metadata: {{name: made, annotations: {{note: {Planted}}}}}, stringData: {{password: {Planted}}}}}}}");
        await _under.ReportedAsync(ns, "secrets", Phases.Completed);
        await CreateAsync(ns, "hostile", $"{{object: {{apiVersion: v1, kind: ConfigMap, metadata: {{name: '{Hostile}'}}, data: {{password: {Planted}}}}}}}");
        await _under.ReportedAsync(ns, "hostile", Phases.Failed);

        using var reader = await DashboardReader.StartAsync(_under.Cluster, _under.Operator, "reader", "[{nonResourceURLs: [/dashboard], verbs: [get]}, {apiGroups: ['*'], resources: ['*'], verbs: ['*']}]");
        await Eventually.SeeAsync("both templates", _ => reader.DataAsync("overview"), page => (int)page["templates"]!["total"]! == 2 && page["templates"]!["failing"]!.AsArray().Count == 1);
        foreach (var path in (string[])["history", "search?q=hidden", "objects/KubeTemplate/hidden/secrets", "objects/KubeTemplate/hidden/hostile", "objects/KubeTemplatePolicy/kubetemplater-system/hidden"])
        {
            using var answer = await reader.GetAsync($"/dashboard/data/{path}");
            Assert.Equal(("application/json", "no-store", HttpStatusCode.OK), (answer.Content.Headers.ContentType?.MediaType, answer.Headers.CacheControl?.ToString(), answer.StatusCode));
        }

        foreach (var path in (string[])["objects/Secret/hidden/made", "objects/Secret/hidden/own"])
        {
            Assert.Equal(HttpStatusCode.NotFound, await CodeAsync(reader, path));
        }

        Assert.DoesNotContain(Planted, reader.Seen, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", reader.Seen, StringComparison.Ordinal);
        Assert.Contains("made", reader.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_others_changed_is_in_the_drift_log_and_charts_have_points()
    {
        var ns = await _under.NamespaceWithPolicyAsync("drifting", Rules);
        await CreateAsync(ns, "held", "{object: {apiVersion: v1, kind: ConfigMap, metadata: {name: held}, data: {mode: fast}}}");
        await _under.ReportedAsync(ns, "held", Phases.Completed);
        using var reader = await DashboardReader.StartAsync(_under.Cluster, _under.Operator, "reader", All);
        await _under.Client.DeleteAsync(new("", "v1", "ConfigMap", "configmaps", Namespaced: true), new(ns, "held"));

        var overview = await Eventually.SeeAsync("the drift", _ => reader.DataAsync("overview"), page => page["templates"]!["drift"]!.AsArray().Count > 0);
        var entry = overview["templates"]!["drift"]![0]!;
        Assert.Equal(("drifting", "held", 1), ((string?)entry["namespace"], (string?)entry["name"], (int)entry["count"]!));

        // Looked at every two seconds by the operator itself.
        var history = await Eventually.SeeAsync("rates", _ => reader.DataAsync("history"), found => found["points"]!.AsArray().Any(point => point!["runs"]!["kubetemplate"] is not null));
        var last = history["points"]!.AsArray()[^1]!;
        Assert.Equal(0, (double)last["depth"]!["kubetemplate"]!);
        Assert.NotNull(last["requests"]!["GET"]);
        Assert.Empty((await reader.DataAsync($"history?after={(long)last["time"]! + 3_600_000}"))["points"]!.AsArray());
    }

    [Fact]
    public async Task Of_many_templates_at_most_fifty_are_told_and_all_are_counted()
    {
        const int Many = 120;
        var ns = await _under.NamespaceWithPolicyAsync("many", Rules);
        await Parallel.ForAsync(0, Many, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) => await CreateAsync(ns, $"t{i:000}", ""));
        using var reader = await DashboardReader.StartAsync(_under.Cluster, _under.Operator, "reader", All);

        var templates = (await Eventually.SeeAsync("all of them", _ => reader.DataAsync("overview"), page => (int)page["templates"]!["phases"]!["Completed"]! == Many))["templates"]!;
        Assert.Equal((Many, 50), ((int)templates["total"]!, templates["slowest"]!.AsArray().Count));
        var found = await reader.DataAsync("search?q=many");
        Assert.Equal((Many + 1, 50), ((int)found["total"]!, found["items"]!.AsArray().Count));
        Assert.Equal("KubeTemplatePolicy", (string?)found["items"]![0]!["kind"]);
    }

    [Fact]
    public void Without_secure_metrics_there_is_no_dashboard()
    {
        using var client = _under.Cluster.NewClient("none");
        foreach (var options in (KubeTemplaterOptions[])[new() { Dashboard = true }, new() { Dashboard = true, MetricsBindAddress = "127.0.0.1:0", MetricsSecure = false }])
        {
            var fault = Assert.Throws<OperatorException>(() => KubeTemplaterOperator.Build(client, options, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance));
            Assert.StartsWith("/dashboard", fault.Message, StringComparison.Ordinal);
        }
    }

    private static async Task<HttpStatusCode> CodeAsync(DashboardReader reader, string path)
    {
        using var answer = await reader.GetAsync($"/dashboard/data/{path}");
        return answer.StatusCode;
    }

    private Task CreateAsync(string @namespace, string name, string entries) => _under.Cluster.InstallAsync(
        $"{{apiVersion: kubetemplater.io/v1alpha1, kind: KubeTemplate, metadata: {{name: {name}, namespace: {@namespace}}}, spec: {{templates: [{entries}]}}}}");

    private static void AssertJson(string wanted, JsonNode seen) => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(wanted), seen), seen.ToJsonString());
}
