using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Capstan;
using Capstan.Testing;
using EndToEnd.Tests.Programs;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.Processes;

/// <summary>The metrics of the executable, by its flags, over TLS and to bearers of a token that the API server knows.</summary>
public sealed class MetricsTests
{
    private static readonly ResourceType _accounts = new("", "v1", "ServiceAccount", "serviceaccounts", true);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scenario27_and_28_the_program_runs_and_answers_https_metrics_to_the_token_of_an_account_that_may_read_them()
    {
        await using var under = await OperatorProcesses.PrepareAsync();
        await under.Cluster.InstallAsync(Manifests.Access, Stop);
        await under.Cluster.InstallAsync(
            """
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: prometheus, namespace: kubetemplater-system}}
            ---
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: stranger, namespace: kubetemplater-system}}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: metrics}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kubetemplater-metrics-reader}
            subjects: [{kind: ServiceAccount, name: prometheus, namespace: kubetemplater-system}]
            """, Stop);
        var program = under.Start("--metrics-bind-address=127.0.0.1:0", "--metrics-secure");
        var page = await ServedAsync(program);
        await under.Cluster.InstallAsync(
            "{apiVersion: kubetemplater.io/v1alpha1, kind: KubeTemplate, metadata: {name: one, namespace: shop}, spec: {templates: [{object: {apiVersion: v1, kind: ConfigMap, metadata: {name: made}}}]}}", Stop);
        await under.SeeAsync("one", Phases.Completed);

        Assert.Equal("https", page.Scheme);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(page, null)).Code);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(page, await TokenAsync(under, "stranger"))).Code);
        var (code, text) = await AskAsync(page, await TokenAsync(under, "prometheus"));
        Assert.Equal(HttpStatusCode.OK, code);
        Assert.Contains("controller_runtime_reconcile_total{controller=\"kubetemplate\",result=\"success\"} ", text, StringComparison.Ordinal);
        Assert.Contains("kubetemplater_processed_total{result=\"Completed\"} 1", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_metrics_secure_false_they_are_plain_http_for_everybody()
    {
        await using var under = await OperatorProcesses.PrepareAsync();
        var page = await ServedAsync(under.Start("--metrics-bind-address=127.0.0.1:0", "--metrics-secure=false"));

        Assert.Equal("http", page.Scheme);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(page, null)).Code);
    }

    private static async Task<Uri> ServedAsync(RunningProcess program)
    {
        var url = await Eventually.SeeAsync(
            "where it serves /metrics", _ => Task.FromResult(Regex.Match(program.Err, @"Serving /metrics on (\S+)").Groups[1].Value), text => text.Length > 0, TimeSpan.FromMinutes(1), Stop);
        return new(new Uri(url), "/metrics");
    }

    private static async Task<string> TokenAsync(OperatorProcesses under, string account)
    {
        var request = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["metadata"] = new JsonObject { ["name"] = account, ["namespace"] = "kubetemplater-system" },
            ["spec"] = new JsonObject(),
        };
        var answer = await under.Client.CreateAsync(_accounts, DynamicObject.From(request), new() { Subresource = "token" }, Stop);
        return (string)answer.ToJson()["status"]!["token"]!;
    }

    private static async Task<(HttpStatusCode Code, string Text)> AskAsync(Uri page, string? token)
    {
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } });
        http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.GetAsync(page, Stop);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }
}
