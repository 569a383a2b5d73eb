using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Capstan.Testing;
using Xunit;

namespace Capstan.Runtime.Tests.Webhooks;

/// <summary>Webhooks of a running operator: asked by an API server, and by clients that do all kinds of things wrong.</summary>
public sealed class WebhookTests
{
    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public static TheoryData<string> Servers => AnyServer.Kinds;

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task An_api_server_asks_both_kinds_of_webhook_and_follows_them(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        await using var run = new WebhookRun(server.Client, server.Namespace);
        await run.ConfigureAsync();
        var @operator = await run.StartAsync();
        await WebhookRun.ReadyAsync(@operator);
        await run.SeeBundleAsync("the bundle", bundle => WebhookRun.CountOf(bundle) == 1);

        // A real API server takes a moment to see its configurations.
        var made = await Eventually.SeeAsync("a config map that was looked at", async _ =>
        {
            var map = await run.CreateAsync($"m{Guid.NewGuid():n}");
            return map.Metadata.Labels?.GetValueOrDefault("seen");
        }, seen => seen is not null, cancellationToken: Patience);
        Assert.Equal("yes", made);

        var refusal = await Assert.ThrowsAsync<ApiException>(() => run.CreateAsync("bad", "forbidden"));
        Assert.Contains("admission webhook \"maps.test.example.com\" denied the request: data.forbidden: is not allowed; data: is suspicious", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["data.forbidden", "data"], refusal.Status.Details!.Causes!.Select(cause => cause.Field));
        Assert.Equal(422, refusal.Code);

        await run.CreateAsync("dry", dryRun: true);
        Assert.Contains("validate Create dry dry", run.Asked);
        var warnings = new List<string>();
        using var warned = new KubeClient(server.Client.Config, server.Client.Options with { OnWarning = warnings.Add });
        await warned.CreateAsync(new ConfigMap { Metadata = new() { Name = "empty", Namespace = server.Namespace } }, cancellationToken: Patience);
        Assert.Equal(["no data"], warnings);
        await server.Client.DeleteAsync<ConfigMap>(new(server.Namespace, "empty"), cancellationToken: Patience);
        Assert.Contains("validate Delete empty", run.Asked);
    }

    [Fact]
    public async Task Trap33_every_answer_to_a_post_is_200_with_a_review_and_is_counted()
    {
        await using var server = await AnyServer.ConnectAsync(AnyServer.Embedded);
        await using var run = new WebhookRun(server.Client, server.Namespace);
        await run.ConfigureAsync();
        var @operator = await run.StartAsync(options =>
        {
            options.MetricsBindAddress = "127.0.0.1:0";
            options.Webhooks.MaxBodyBytes = 10_000;
        });
        var (url, bundle) = await run.SeeBundleAsync("the bundle", text => text.Length > 0);
        using var http = WebhookRun.Trusting(bundle);
        var good = Reviews.Of();
        Assert.True((await PostAsync(good))["allowed"]!.GetValue<bool>());
        Assert.Equal(415, Code(await PostAsync(good, "text/plain")));
        Assert.Equal(415, Code(await PostAsync(good, null)));
        Assert.True((await PostAsync(good, "application/json; charset=utf-8"))["allowed"]!.GetValue<bool>());
        Assert.Equal(400, Code(await PostAsync([])));
        Assert.Equal(400, Code(await PostAsync("nonsense"u8.ToArray())));
        var large = Reviews.Of(@object: $$$"""{"data":{"k":"{{{new string('x', 20_000)}}}"} }""");
        Assert.Equal(413, Code(await PostAsync(large)));
        Assert.Equal(413, Code(await PostAsync(large, chunked: true)));
        Assert.Equal(400, Code(await PostAsync(Reviews.Of(@object: """{"data":7}"""))));
        Assert.Equal(HttpStatusCode.NotFound, (await http.PostAsync(new Uri(url!, "/nowhere"), null, Patience)).StatusCode);

        using var plain = new HttpClient();
        var page = await plain.GetStringAsync(new Uri($"http://127.0.0.1:{@operator.MetricsPort}/metrics"), Patience);
        Assert.Contains("""controller_runtime_webhook_requests_total{webhook="/validate",code="200"} 9""" + "\n", page, StringComparison.Ordinal);
        Assert.Contains("""controller_runtime_webhook_requests_total{webhook="/validate",code="500"} 0""" + "\n", page, StringComparison.Ordinal);
        Assert.Contains("""controller_runtime_webhook_requests_in_flight{webhook="/validate"} 0""" + "\n", page, StringComparison.Ordinal);
        Assert.Contains("""controller_runtime_webhook_latency_seconds_count{webhook="/validate"} 9""" + "\n", page, StringComparison.Ordinal);
        Assert.Contains("""controller_runtime_webhook_latency_seconds_count{webhook="/mutate"} 0""" + "\n", page, StringComparison.Ordinal);
        Assert.Contains("controller_runtime_webhook_panics_total 0\n", page, StringComparison.Ordinal);

        async Task<JsonObject> PostAsync(byte[] body, string? type = "application/json", bool chunked = false)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
            request.Headers.TransferEncodingChunked = chunked ? true : null;
            using var answer = await http.SendAsync(request, Patience);
            Assert.Equal((HttpStatusCode.OK, "application/json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
            return Reviews.Response(await answer.Content.ReadAsByteArrayAsync(Patience));
        }

        static int Code(JsonObject response) => response["status"]!["code"]!.GetValue<int>();
    }

    [Fact]
    public async Task Trap28_webhooks_probes_and_metrics_answer_before_the_caches_have_anything()
    {
        await using var server = await AnyServer.ConnectAsync(AnyServer.Embedded);
        var options = new OperatorOptions
        {
            HealthProbeBindAddress = "127.0.0.1:0", MetricsBindAddress = "127.0.0.1:0",
            Webhooks = { BindAddress = "127.0.0.1:0", SelfSigned = { Namespace = server.Namespace } },
        };
        var builder = new OperatorBuilder(server.Client, options);
        builder.AddInformer(new ResourceType("nowhere.io", "v1", "Ghost", "ghosts", true));
        builder.AddValidatingWebhook("/validate", (_, _) => ValueTask.FromResult(AdmissionResult.Allowed), needsCaches: false);
        var @operator = builder.Build();
        using var stop = new CancellationTokenSource();
        var ended = @operator.RunAsync(stop.Token);
        await Eventually.SeeAsync("the webhooks", _ => Task.FromResult(@operator.WebhookPort), port => port > 0, cancellationToken: Patience);
        Assert.True((await AskAsync(server, @operator))["allowed"]!.GetValue<bool>());
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri($"http://127.0.0.1:{@operator.HealthProbePort}/healthz"), Patience)).StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, (await http.GetAsync(new Uri($"http://127.0.0.1:{@operator.HealthProbePort}/readyz"), Patience)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri($"http://127.0.0.1:{@operator.MetricsPort}/metrics"), Patience)).StatusCode);
        Assert.False(@operator.Synced.IsCompleted);
        await stop.CancelAsync();
        await ended;
    }

    [Fact]
    public async Task Trap28_a_replica_that_does_not_lead_answers_too()
    {
        await using var server = await AnyServer.ConnectAsync(AnyServer.Embedded);
        await using var run = new WebhookRun(server.Client, server.Namespace);
        await run.ConfigureAsync();
        void Elect(OperatorOptions options, string identity)
        {
            options.TimeProvider = TimeProvider.System;
            options.MetricsBindAddress = "127.0.0.1:0";
            options.LeaderElection = new() { Enabled = true, LeaseName = run.Name, Namespace = server.Namespace, Identity = identity };
        }

        var first = await run.StartAsync(options => Elect(options, "first"));
        await Eventually.SeeAsync("the leader", _ => Task.FromResult(first.IsLeader), leads => leads, cancellationToken: Patience);
        var second = await run.StartAsync(options =>
        {
            Elect(options, "second");
            options.Webhooks.SelfSigned.ValidatingWebhookConfigurations = options.Webhooks.SelfSigned.MutatingWebhookConfigurations = [];
        });
        await second.Synced.WaitAsync(Patience);
        Assert.False(second.IsLeader);
        Assert.True((await AskAsync(server, second, run.Name))["allowed"]!.GetValue<bool>());
        await WebhookRun.ReadyAsync(second);
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri($"http://127.0.0.1:{second.HealthProbePort}/readyz"), Patience)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri($"http://127.0.0.1:{second.MetricsPort}/metrics"), Patience)).StatusCode);
        await run.CreateAsync("while-it-waits");
    }

    [Fact]
    public async Task Trap28_webhooks_and_probes_answer_until_the_last_run_has_ended()
    {
        await using var server = await AnyServer.ConnectAsync(AnyServer.Embedded);
        await server.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = "one", Namespace = server.Namespace } }, cancellationToken: Patience);
        var options = new OperatorOptions { HealthProbeBindAddress = "127.0.0.1:0", Webhooks = { BindAddress = "127.0.0.1:0", SelfSigned = { Namespace = server.Namespace } } };
        var builder = new OperatorBuilder(server.Client, options);
        var maps = builder.AddInformer<ConfigMap>(new() { Namespace = server.Namespace });
        var (entered, leave) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        builder.AddController("maps", c =>
        {
            c.For(maps);
            c.Reconcile = async (_, _) =>
            {
                entered.TrySetResult();
                await leave.Task;
                return ReconcileResult.Done;
            };
        });
        builder.AddValidatingWebhook("/validate", (_, _) => ValueTask.FromResult(AdmissionResult.Allowed));
        var @operator = builder.Build();
        using var stop = new CancellationTokenSource();
        var ended = @operator.RunAsync(stop.Token);
        await entered.Task.WaitAsync(Patience);
        await stop.CancelAsync();
        Assert.True((await AskAsync(server, @operator))["allowed"]!.GetValue<bool>());
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri($"http://127.0.0.1:{@operator.HealthProbePort}/healthz"), Patience)).StatusCode);
        var port = @operator.WebhookPort;
        leave.SetResult();
        await ended;
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.GetAsync(new Uri($"https://127.0.0.1:{port}/validate"), Patience));
    }

    [Fact]
    public async Task A_missing_right_to_the_secret_ends_the_start_with_one_line()
    {
        await using var server = await AnyServer.ConnectAsync(AnyServer.Embedded);
        using var nobody = new KubeClient(server.Client.Config with { Impersonate = new() { User = "nobody" } });
        var builder = new OperatorBuilder(nobody, new() { Webhooks = { BindAddress = "127.0.0.1:0", SelfSigned = { Namespace = server.Namespace } } });
        builder.AddValidatingWebhook("/validate", (_, _) => ValueTask.FromResult(AdmissionResult.Allowed));
        var error = await Assert.ThrowsAsync<OperatorException>(() => builder.Build().RunAsync(Patience));
        Assert.StartsWith("webhook certificate: the webhooks have no certificate: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("secrets", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Paths_are_checked_when_they_are_given()
    {
        using var client = new KubeClient(new KubeConfig { Server = new("http://127.0.0.1:1") });
        var builder = new OperatorBuilder(client);
        builder.AddValidatingWebhook("/a", (_, _) => default);
        Assert.Throws<ArgumentException>(() => builder.AddMutatingWebhook("/a", (_, _) => default));
        Assert.Throws<ArgumentException>(() => builder.AddMutatingWebhook("b", (_, _) => default));
    }

    /// <summary>Asks as an API server would that trusts the authority of the operator's Secret.</summary>
    private static async Task<JsonObject> AskAsync(AnyServer server, Operator @operator, string secretName = "operator-webhook-cert")
    {
        var secret = await server.Client.GetAsync(WebhookRun.Secrets, new(server.Namespace, secretName), Patience);
        var authority = System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(secret.ToJson()["data"]!["ca.crt"]!.GetValue<string>()));
        using var http = WebhookRun.Trusting(authority);
        using var content = new ByteArrayContent(Reviews.Of());
        content.Headers.ContentType = new("application/json");
        using var answer = await http.PostAsync(new Uri($"https://127.0.0.1:{@operator.WebhookPort}/validate?timeout=10s"), content, Patience);
        return Reviews.Response(await answer.Content.ReadAsByteArrayAsync(Patience));
    }
}
