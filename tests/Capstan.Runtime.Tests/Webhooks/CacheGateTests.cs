using System.Net.Http.Headers;
using System.Text;
using Capstan.Testing;
using Xunit;

namespace Capstan.Runtime.Tests.Webhooks;

/// <summary>Questions that come while an operator's caches have nothing yet.</summary>
public sealed class CacheGateTests
{
    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_question_waits_until_the_caches_have_synced()
    {
        await using var cluster = await TestCluster.StartAsync(new() { Controllers = false }, Patience);
        using var lists = cluster.Faults.Add(Fault.InternalError().On("list", "configmaps").From("early"));
        using var watches = cluster.Faults.Add(Fault.InternalError().On("watch", "configmaps").From("early"));
        var client = cluster.NewClient("early");
        var builder = new OperatorBuilder(client, new()
        {
            Name = "early",
            HealthProbeBindAddress = "127.0.0.1:0",
            Webhooks = { BindAddress = "127.0.0.1:0", SelfSigned = { Namespace = "default" } },
        });
        var maps = builder.AddInformer<ConfigMap>(new() { MaxBackoff = TimeSpan.FromSeconds(1) });
        var synced = new List<bool>();
        builder.AddValidatingWebhook("/validate", (_, _) =>
        {
            synced.Add(maps.HasSynced);
            return ValueTask.FromResult(AdmissionResult.Allowed);
        });
        using var stop = new CancellationTokenSource();
        var @operator = builder.Build();
        var running = @operator.RunAsync(stop.Token);
        await Eventually.SeeAsync("the informer to have failed", _ => Task.FromResult(@operator.WebhookPort > 0 ? lists.Injected + watches.Injected : 0), count => count > 0, cancellationToken: Patience);
        var secret = await cluster.Client.GetAsync(WebhookRun.Secrets, new("default", "early-webhook-cert"), Patience);
        using var http = WebhookRun.Trusting(Encoding.UTF8.GetString(Convert.FromBase64String(secret.ToJson()["data"]!["ca.crt"]!.GetValue<string>())));
        using var question = new ByteArrayContent(Reviews.Of()) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        var asking = http.PostAsync(new Uri($"https://127.0.0.1:{@operator.WebhookPort}/validate?timeout=30s"), question, Patience);
        var ready = await Eventually.SeeAsync("readiness to name the informer", async token =>
        {
            using var probe = new HttpClient();
            return await (await probe.GetAsync(new Uri($"http://127.0.0.1:{@operator.HealthProbePort}/readyz"), token)).Content.ReadAsStringAsync(token);
        }, text => text.Contains("[-]informers failed: configmaps: ", StringComparison.Ordinal), cancellationToken: Patience);
        TestContext.Current.TestOutputHelper!.WriteLine(ready);
        Assert.False(asking.IsCompleted);
        Assert.Empty(synced);

        cluster.Faults.Clear();
        using var answer = await asking;
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.True(Reviews.Response(await answer.Content.ReadAsByteArrayAsync(Patience))["allowed"]!.GetValue<bool>());
        Assert.Equal([true], synced);
        await stop.CancelAsync();
        await running;
    }
}
