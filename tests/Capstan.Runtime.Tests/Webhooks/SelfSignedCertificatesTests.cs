using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Capstan.Testing;
using Xunit;

namespace Capstan.Runtime.Tests.Webhooks;

/// <summary>The certificate of webhooks over its life: made, shared, published, renewed while requests run, mended. Time is a test's own; the server is a whole one.</summary>
public sealed class SelfSignedCertificatesTests : IAsyncLifetime
{
    private static readonly TimeSpan UntilRenewal = TimeSpan.FromDays(365 - 30) + TimeSpan.FromMinutes(1);

    private AnyServer server = null!;
    private WebhookRun run = null!;

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await AnyServer.ConnectAsync(AnyServer.Embedded);
        run = new(server.Client, server.Namespace);
    }

    public async ValueTask DisposeAsync()
    {
        await run.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Trap34_no_request_of_ten_thousand_fails_across_a_rotation()
    {
        const int Requests = 10_000;
        const int Askers = 4;
        await run.ConfigureAsync();
        var @operator = await run.StartAsync();
        await WebhookRun.ReadyAsync(@operator);
        var (url, first) = await run.SeeBundleAsync("the first bundle", bundle => WebhookRun.CountOf(bundle) == 1);
        var oldSerial = await run.ServedSerialAsync(url!);

        // The clock jumps between requests, not through them: one that waits would be at its deadline. What follows from the jump happens while they run.
        using var moving = new SemaphoreSlim(Askers);
        async Task AdvanceAsync(TimeSpan by)
        {
            for (var i = 0; i < Askers; i++)
            {
                await moving.WaitAsync(Patience);
            }

            run.Time.Advance(by);
            moving.Release(Askers);
        }

        var (asked, failures) = (0, new ConcurrentQueue<string>());
        var rotated = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var askers = Enumerable.Range(0, Askers).Select(asker => Task.Run(async () =>
        {
            for (var number = Interlocked.Increment(ref asked); number <= Requests || !rotated.Task.IsCompleted; number = Interlocked.Increment(ref asked))
            {
                await moving.WaitAsync(Patience);
                try
                {
                    // One in fifty by a client that reads the bundle and then connects anew; the others by the API server, which keeps its connections as it likes.
                    if (number % 50 == 0)
                    {
                        var (to, bundle) = await run.ClientConfigAsync();
                        using var http = WebhookRun.Trusting(bundle);
                        using var content = new ByteArrayContent(Reviews.Of());
                        content.Headers.ContentType = new("application/json");
                        using var answer = await http.PostAsync(to, content, Patience);
                        Assert.True(Reviews.Response(await answer.Content.ReadAsByteArrayAsync(Patience))["allowed"]!.GetValue<bool>());
                    }
                    else
                    {
                        await run.CreateAsync($"m{number}", dryRun: true);
                    }
                }
                catch (Exception error) when (!Patience.IsCancellationRequested)
                {
                    failures.Enqueue($"{number}: {error.Message}");
                }
                finally
                {
                    moving.Release();
                }
            }
        }, Patience)).ToArray();

        await Eventually.SeeAsync("requests before", _ => Task.FromResult(Volatile.Read(ref asked)), count => count > 2000, TimeSpan.FromMinutes(3), Patience);
        await AdvanceAsync(UntilRenewal);
        var (_, both) = await run.SeeBundleAsync("both authorities", bundle => WebhookRun.CountOf(bundle) == 2);
        Assert.Contains(first.Trim(), both, StringComparison.Ordinal);
        Assert.Equal(oldSerial, await run.ServedSerialAsync(url!));
        await run.Time.WaitForTimerAsync(TimeSpan.FromMinutes(1), Patience);
        var before = Volatile.Read(ref asked);
        await AdvanceAsync(TimeSpan.FromMinutes(1));
        await Eventually.SeeAsync("the new certificate", _ => run.ServedSerialAsync(url!), serial => serial != oldSerial, cancellationToken: Patience);
        await Eventually.SeeAsync("requests after", _ => Task.FromResult(Volatile.Read(ref asked)), count => count > before + 2000, TimeSpan.FromMinutes(3), Patience);
        rotated.SetResult(before);
        await Task.WhenAll(askers);
        TestContext.Current.TestOutputHelper?.WriteLine($"{asked} requests, {before} before the switch, {failures.Count} failures");
        Assert.True(failures.IsEmpty, string.Join('\n', failures.Take(5)));
        Assert.True(asked >= Requests);
        Assert.Equal(both, (await run.ClientConfigAsync()).Bundle);
        Assert.Equal(both, (await run.ClientConfigAsync(WebhookRun.Mutating)).Bundle);
    }

    [Fact]
    public async Task Trap34_the_new_certificate_waits_until_its_authority_has_stood_for_the_overlap()
    {
        await run.ConfigureAsync();
        await WebhookRun.ReadyAsync(await run.StartAsync());
        var (url, _) = await run.SeeBundleAsync("the first bundle", bundle => WebhookRun.CountOf(bundle) == 1);
        var oldSerial = await run.ServedSerialAsync(url!);
        run.Time.Advance(UntilRenewal);
        await run.SeeBundleAsync("both authorities", bundle => WebhookRun.CountOf(bundle) == 2);
        await run.Time.WaitForTimerAsync(TimeSpan.FromMinutes(1), Patience);
        run.Time.Advance(TimeSpan.FromSeconds(50));

        // Somebody applies the old manifest again: the overlap begins anew.
        var old = await server.Client.GetAsync(WebhookRun.Validating, ObjectKey.ClusterScoped(run.Name), Patience);
        var patch = """[{"op":"remove","path":"/webhooks/0/clientConfig/caBundle"}]"""u8.ToArray();
        await server.Client.PatchAsync(WebhookRun.Validating, old.Key, PatchType.Json, patch, null, Patience);
        await run.SeeBundleAsync("both authorities again", bundle => WebhookRun.CountOf(bundle) == 2);
        await SecretAsync("the new beginning", secret => secret.Annotations.TryGetValue("capstan.dev/next-published-at", out var at)
            && DateTimeOffset.Parse(at, null) == run.Time.GetUtcNow());
        await run.Time.WaitForTimerAsync(TimeSpan.FromMinutes(1), Patience);
        run.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(oldSerial, await run.ServedSerialAsync(url!));
        run.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.SeeAsync("the new certificate", _ => run.ServedSerialAsync(url!), serial => serial != oldSerial, cancellationToken: Patience);
    }

    [Fact]
    public async Task Trap34_replicas_that_race_serve_one_certificate_and_switch_together()
    {
        await run.ConfigureAsync();
        var replicas = await Task.WhenAll(run.StartAsync(), run.StartAsync(), run.StartAsync());
        var urls = replicas.Select(replica => new Uri($"https://127.0.0.1:{replica.WebhookPort}/validate")).ToList();
        var first = (await Task.WhenAll(urls.Select(run.ServedSerialAsync))).Distinct().ToList();
        Assert.Single(first);
    }

    [Fact]
    public async Task Trap34_a_second_replica_takes_the_switch_from_the_secret()
    {
        await run.ConfigureAsync();
        var first = await run.StartAsync();
        var second = await run.StartAsync(options => options.Webhooks.SelfSigned.ValidatingWebhookConfigurations = options.Webhooks.SelfSigned.MutatingWebhookConfigurations = []);
        await WebhookRun.ReadyAsync(first);
        await WebhookRun.ReadyAsync(second);
        var urls = new[] { first, second }.Select(replica => new Uri($"https://127.0.0.1:{replica.WebhookPort}/validate")).ToList();
        var oldSerial = Assert.Single((await Task.WhenAll(urls.Select(run.ServedSerialAsync))).Distinct());
        run.Time.Advance(UntilRenewal);
        await run.SeeBundleAsync("both authorities", bundle => WebhookRun.CountOf(bundle) == 2);
        await SecretAsync("the overlap to begin", secret => secret.Annotations.ContainsKey("capstan.dev/next-published-at"));
        await Eventually.SeeAsync("both to switch", async _ =>
        {
            // Whoever of them lost a race tries again by its clock.
            run.Time.Advance(TimeSpan.FromSeconds(20));
            return (await Task.WhenAll(urls.Select(run.ServedSerialAsync))).Distinct().ToList();
        }, serials => serials.Count == 1 && serials[0] != oldSerial, cancellationToken: Patience);
    }

    [Fact]
    public async Task A_configuration_that_comes_later_or_anew_gets_its_bundle()
    {
        var @operator = await run.StartAsync();
        using var http = new HttpClient();
        await Eventually.SeeAsync("what is missing", _ => http.GetStringAsync(new Uri($"http://127.0.0.1:{@operator.HealthProbePort}/healthz"), Patience), text => text == "ok", cancellationToken: Patience);
        await run.ConfigureAsync();
        await run.SeeBundleAsync("the bundle", bundle => WebhookRun.CountOf(bundle) == 1);
        foreach (var type in (ResourceType[])[WebhookRun.Validating, WebhookRun.Mutating])
        {
            await server.Client.DeleteAsync(type, ObjectKey.ClusterScoped(run.Name), cancellationToken: Patience);
        }

        await run.ConfigureAsync();
        await run.SeeBundleAsync("the bundle again", bundle => WebhookRun.CountOf(bundle) == 1);
        await WebhookRun.ReadyAsync(@operator);
    }

    [Fact]
    public async Task In_production_only_the_bundle_is_touched()
    {
        await run.ConfigureAsync();
        var before = (await server.Client.GetAsync(WebhookRun.Validating, ObjectKey.ClusterScoped(run.Name), Patience)).ToJson();
        await WebhookRun.ReadyAsync(await run.StartAsync(options => options.Webhooks.SelfSigned.UseLocalUrl = false));
        var after = await Eventually.SeeAsync(
            "the bundle",
            async _ => (await server.Client.GetAsync(WebhookRun.Validating, ObjectKey.ClusterScoped(run.Name), Patience)).ToJson(),
            json => json["webhooks"]![0]!["clientConfig"]!["caBundle"] is not null,
            cancellationToken: Patience);
        after["webhooks"]![0]!["clientConfig"]!.AsObject().Remove("caBundle");
        Assert.True(JsonNode.DeepEquals(before["webhooks"], after["webhooks"]), after.ToJsonString());
    }

    [Fact]
    public async Task A_secret_that_is_deleted_comes_back_with_the_certificate_that_is_served()
    {
        await run.ConfigureAsync();
        await WebhookRun.ReadyAsync(await run.StartAsync());
        var (url, bundle) = await run.SeeBundleAsync("the bundle", text => text.Length > 0);
        var serial = await run.ServedSerialAsync(url!);
        var old = await server.Client.GetAsync(WebhookRun.Secrets, new(server.Namespace, run.Name), Patience);
        await server.Client.DeleteAsync(WebhookRun.Secrets, old.Key, cancellationToken: Patience);
        await SecretAsync("the secret", secret => secret.Uid != old.Uid);
        Assert.Equal((serial, bundle), (await run.ServedSerialAsync(url!), (await run.ClientConfigAsync()).Bundle));
    }

    [Fact]
    public async Task A_secret_that_is_spoilt_is_written_anew_and_what_is_served_stays()
    {
        await run.ConfigureAsync();
        await WebhookRun.ReadyAsync(await run.StartAsync());
        var (url, _) = await run.SeeBundleAsync("the bundle", text => text.Length > 0);
        var serial = await run.ServedSerialAsync(url!);
        var spoilt = Convert.ToBase64String(Encoding.UTF8.GetBytes("nothing"));
        await server.Client.PatchAsync(
            WebhookRun.Secrets, new(server.Namespace, run.Name), PatchType.Merge, Encoding.UTF8.GetBytes($$$"""{"data":{"tls.crt":"{{{spoilt}}}"} }"""), null, Patience);
        await SecretAsync("the certificate", secret => secret.ToJson()["data"]!["tls.crt"]!.GetValue<string>() != spoilt);
        Assert.Equal(serial, await run.ServedSerialAsync(url!));
    }

    [Fact]
    public async Task A_restart_serves_what_the_secret_holds()
    {
        await run.ConfigureAsync();
        await WebhookRun.ReadyAsync(await run.StartAsync());
        var (url, bundle) = await run.SeeBundleAsync("the bundle", text => text.Length > 0);
        var serial = await run.ServedSerialAsync(url!);
        await run.StopAsync(0);
        var again = await run.StartAsync();
        Assert.Equal(serial, await run.ServedSerialAsync(new($"https://127.0.0.1:{again.WebhookPort}/validate")));
        await WebhookRun.ReadyAsync(again);
        Assert.Equal(bundle, (await run.ClientConfigAsync()).Bundle);
    }

    private Task<DynamicObject> SecretAsync(string what, Func<DynamicObject, bool> holds) => Eventually.SeeAsync(
        what, token => server.Client.GetAsync(WebhookRun.Secrets, new ObjectKey(server.Namespace, run.Name), token), holds, cancellationToken: Patience);
}
