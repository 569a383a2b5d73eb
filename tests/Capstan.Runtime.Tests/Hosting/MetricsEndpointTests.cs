using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Capstan.Testing;
using Xunit;

namespace Capstan.Runtime.Tests.Hosting;

/// <summary>The metrics page of a whole operator, as Prometheus meets it.</summary>
public sealed class MetricsEndpointTests : IAsyncLifetime
{
    private readonly CancellationTokenSource stop = new();
    private TestCluster cluster = null!;
    private KubeClient? client;
    private Task running = Task.CompletedTask;

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => cluster = await TestCluster.StartAsync(new() { Controllers = false }, Patience);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        client?.Dispose();
        await cluster.DisposeAsync();
        stop.Dispose();
    }

    [Fact]
    public async Task Over_https_the_page_is_for_those_whom_the_api_server_lets_read_it()
    {
        var @operator = await RunAsync(new() { MetricsBindAddress = "127.0.0.1:0", MetricsSecure = true });
        await cluster.InstallAsync(
            """
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: prometheus, namespace: default}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: stranger, namespace: default}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: metrics-reader}
            rules:
            - {nonResourceURLs: [/metrics], verbs: [get]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: metrics-reader}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: metrics-reader}
            subjects:
            - {kind: ServiceAccount, name: prometheus, namespace: default}
            """,
            Patience);
        Assert.Equal((HttpStatusCode.Unauthorized, "Unauthorized\n"), await ScrapeAsync(@operator, null));
        Assert.Equal(HttpStatusCode.Unauthorized, (await ScrapeAsync(@operator, "made.up.token")).Code);
        Assert.Equal(
            (HttpStatusCode.Forbidden, "Authorization denied for user system:serviceaccount:default:stranger\n"),
            await ScrapeAsync(@operator, await TokenAsync("stranger")));
        var (code, page) = await ScrapeAsync(@operator, await TokenAsync("prometheus"));
        Assert.Equal(HttpStatusCode.OK, code);
        Assert.Contains("controller_runtime_reconcile_total{", page, StringComparison.Ordinal);
        using var plain = new HttpClient();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => plain.GetAsync(new Uri($"http://127.0.0.1:{@operator.MetricsPort}/metrics"), Patience));
    }

    [Fact]
    public async Task Names_that_dashboards_know_are_on_the_page_and_their_series_begin_with_zero()
    {
        var @operator = await RunAsync(new() { MetricsBindAddress = "127.0.0.1:0", LeaderElection = new() { Enabled = true, LeaseName = "test" } });
        await Eventually.SeeAsync("the leader", _ => Task.FromResult(@operator.IsLeader), leads => leads, cancellationToken: Patience);
        var page = await PageAsync(@operator);
        var names = Regex.Matches(page, "^# TYPE (\\S+) ", RegexOptions.Multiline).Select(match => match.Groups[1].Value).ToHashSet();
        string[] wanted =
        [
            "workqueue_depth", "workqueue_adds_total", "workqueue_queue_duration_seconds", "workqueue_work_duration_seconds", "workqueue_unfinished_work_seconds",
            "workqueue_longest_running_processor_seconds", "workqueue_retries_total", "controller_runtime_reconcile_total", "controller_runtime_reconcile_errors_total",
            "controller_runtime_terminal_reconcile_errors_total", "controller_runtime_reconcile_panics_total", "controller_runtime_reconcile_timeouts_total",
            "controller_runtime_reconcile_time_seconds", "controller_runtime_max_concurrent_reconciles", "controller_runtime_active_workers",
            "certwatcher_read_certificate_total", "certwatcher_read_certificate_errors_total", "leader_election_master_status", "leader_election_slowpath_total",
            "rest_client_requests_total", "rest_client_request_duration_seconds", "rest_client_dns_resolution_duration_seconds", "rest_client_request_size_bytes",
            "rest_client_response_size_bytes", "rest_client_rate_limiter_duration_seconds", "process_cpu_seconds_total",
        ];
        Assert.Empty(wanted.Except(names));
        foreach (var result in (string[])["success", "error", "requeue", "requeue_after"])
        {
            Assert.Contains($$"""controller_runtime_reconcile_total{controller="maps",result="{{result}}"} """, page, StringComparison.Ordinal);
        }

        Assert.Contains("""controller_runtime_reconcile_panics_total{controller="maps"} 0""" + "\n", page, StringComparison.Ordinal);
        Assert.Contains("certwatcher_read_certificate_errors_total 0\n", page, StringComparison.Ordinal);
        Assert.Matches("workqueue_work_duration_seconds_bucket\\{[^}]*le=\"1e-08\"\\} ", page);
        Assert.Matches("workqueue_work_duration_seconds_bucket\\{[^}]*le=\"1000\"\\} ", page);
    }

    [Fact]
    public async Task Promtool_accepts_the_page()
    {
        var promtool = RequiredProgram.Find("promtool");
        Assert.SkipWhen(promtool.SkipReason is not null, promtool.SkipReason ?? "");
        var @operator = await RunAsync(new() { MetricsBindAddress = "127.0.0.1:0", LeaderElection = new() { Enabled = true, LeaseName = "test" } });
        await cluster.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = "one", Namespace = "default" } }, cancellationToken: Patience);
        await Eventually.SeeAsync("a reconcile", _ => PageAsync(@operator), page => page.Contains("""{controller="maps",result="success"} 1""", StringComparison.Ordinal), cancellationToken: Patience);

        using var process = Process.Start(new ProcessStartInfo(promtool.Path!, ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Patience), process.StandardError.ReadToEndAsync(Patience));
        await process.StandardInput.WriteAsync(await PageAsync(@operator));
        process.StandardInput.Close();
        await process.WaitForExitAsync(Patience);
        Assert.Equal((0, "", ""), (process.ExitCode, await output, await errors));
    }

    private static async Task<(HttpStatusCode Code, string Text)> ScrapeAsync(Operator @operator, string? token)
    {
        // As a ServiceMonitor with insecureSkipVerify: the operator signed its certificate itself.
#pragma warning disable CA5359
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } };
#pragma warning restore CA5359
        using var http = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://127.0.0.1:{@operator.MetricsPort}/metrics");
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.SendAsync(request, Patience);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Patience));
    }

    private static async Task<string> PageAsync(Operator @operator)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri($"http://127.0.0.1:{@operator.MetricsPort}/metrics"), Patience);
    }

    private async Task<string> TokenAsync(string account)
    {
        var accounts = new ResourceType("", "v1", "ServiceAccount", "serviceaccounts", Namespaced: true);
        var request = DynamicObject.Parse(System.Text.Encoding.UTF8.GetBytes(
            $$$"""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","metadata":{"name":"{{{account}}}","namespace":"default"},"spec":{}}"""));
        var answer = await cluster.Client.CreateAsync(accounts, request, new() { Subresource = "token" }, Patience);
        return answer.ToJson()["status"]!["token"]!.GetValue<string>();
    }

    private async Task<Operator> RunAsync(OperatorOptions options)
    {
        options.Name = "test";

        // With a rate of its own and a name to look up, so that their metrics are there.
        var byName = new UriBuilder(cluster.Client.Config.Server) { Host = "localhost" }.Uri;
        client = new(cluster.Client.Config with { Server = byName }, cluster.Client.Options with { QueriesPerSecond = 1000 });
        var builder = new OperatorBuilder(client, options);
        var maps = builder.AddInformer<ConfigMap>(new() { Namespace = "default" });
        builder.AddController("maps", c =>
        {
            c.For(maps);
            c.Reconcile = (_, _) => Task.FromResult(ReconcileResult.Done);
        });
        var @operator = builder.Build();
        running = @operator.RunAsync(stop.Token);
        await @operator.WaitForSyncAsync(Patience);
        return @operator;
    }
}
