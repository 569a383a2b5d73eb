using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Capstan.Testing;
using Xunit;

namespace Capstan.Runtime.Tests.Webhooks;

/// <summary>Conversions by a running operator: asked over the wire, and by a real API server. Ours serves a kind in one version at a time only.</summary>
public sealed class ConversionServerTests
{
    private static readonly ResourceType Definitions = new("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", Namespaced: false);

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_review_over_the_wire_is_answered_before_any_cache_has_anything()
    {
        await using var server = await AnyServer.ConnectAsync(AnyServer.Embedded);
        using var client = new KubeClient(server.Client.Config, server.Client.Options);
        var builder = new OperatorBuilder(client, Options(server.Namespace, []));

        // Of a kind that nobody serves: it never syncs.
        builder.AddInformer(new ResourceType("absent.capstan.dev", "v1", "Absent", "absents", Namespaced: true));
        builder.AddConversionWebhook("/convert", Shops.Join);
        builder.AddValidatingWebhook("/validate", (_, _) => throw new InvalidOperationException("must not be asked"));
        using var stop = new CancellationTokenSource();
        var @operator = builder.Build();
        var running = @operator.RunAsync(stop.Token);
        await Eventually.SeeAsync("webhooks to be served", _ => Task.FromResult(@operator.WebhookPort), port => port > 0, cancellationToken: Patience);
        var secret = await server.Client.GetAsync(WebhookRun.Secrets, new(server.Namespace, "conversion-webhook-cert"), Patience);
        using var http = WebhookRun.Trusting(Encoding.UTF8.GetString(Convert.FromBase64String(secret.ToJson()["data"]!["ca.crt"]!.GetValue<string>())));
        using var review = Json("""
            {"kind":"ConversionReview","apiVersion":"apiextensions.k8s.io/v1","request":{"uid":"u1","desiredAPIVersion":"shops.capstan.dev/v3","objects":[
            {"apiVersion":"shops.capstan.dev/v1","kind":"Shop","metadata":{"name":"a"},"spec":{"hostPort":"h:1"}}]}}
            """);
        var answer = await http.PostAsync(new Uri($"https://127.0.0.1:{@operator.WebhookPort}/convert?timeout=30s"), review, Patience);
        Assert.Equal(200, (int)answer.StatusCode);
        var made = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Patience))!["response"]!["convertedObjects"]![0]!;
        Assert.Equal("""{"address":{"host":"h","port":1}}""", made["spec"]!.ToJsonString());

        // An admission handler may read caches: there is no answer, and the failurePolicy decides.
        using var question = Json(Encoding.UTF8.GetString(Reviews.Of()));
        var early = await http.PostAsync(new Uri($"https://127.0.0.1:{@operator.WebhookPort}/validate?timeout=1s"), question, Patience);
        var text = await early.Content.ReadAsStringAsync(Patience);
        TestContext.Current.TestOutputHelper!.WriteLine(text);
        Assert.Equal(503, (int)early.StatusCode);
        Assert.Contains("its caches are not complete: absents.absent.capstan.dev (", text, StringComparison.Ordinal);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_real_api_server_serves_a_kind_in_all_versions_through_the_webhook()
    {
        await using var server = await AnyServer.ConnectAsync(AnyServer.Real);
        var group = $"{server.Namespace}.capstan.dev";
        var name = $"shops.{group}";
        await server.Client.CreateAsync(Definitions, DynamicObject.From(JsonNode.Parse(Definition(name, group))!.AsObject()), null, Patience);
        using var client = new KubeClient(server.Client.Config, server.Client.Options);
        var builder = new OperatorBuilder(client, Options(server.Namespace, [name]));
        var (v1, v2) = (Of(group, "v1"), Of(group, "v2"));

        // The webhook must answer before this has its list, which the server converts by it.
        var informer = builder.AddInformer(v2, new() { Namespace = server.Namespace });
        builder.AddConversionWebhook("/convert", conversion => conversion.Between(
            v1.GroupVersionKind,
            v2.GroupVersionKind,
            one =>
            {
                var parts = one["spec"]!["hostPort"]!.GetValue<string>().Split(':');
                one["spec"] = new JsonObject { ["host"] = parts[0], ["port"] = int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture) };
                return one;
            },
            two =>
            {
                two["spec"] = new JsonObject { ["hostPort"] = $"{two["spec"]!["host"]}:{two["spec"]!["port"]}" };
                return two;
            }));
        using var stop = new CancellationTokenSource();
        var @operator = builder.Build();
        var running = @operator.RunAsync(stop.Token);
        try
        {
            // A real API server takes a moment to see the bundle.
            await Eventually.SeeAsync("shops to be taken", async token =>
            {
                await server.Client.CreateAsync(v1, Shop(v1, server.Namespace, $"s{Guid.NewGuid():n}", "\"hostPort\":\"h:1\""), null, token);
                return await server.Client.ListAsync(v2, new() { Namespace = server.Namespace }, token);
            }, list => list.Items.Count > 0, TimeSpan.FromSeconds(60), Patience);
            await @operator.WaitForSyncAsync(Patience);
            await server.Client.CreateAsync(v1, Shop(v1, server.Namespace, "one", "\"hostPort\":\"h:80\""), null, Patience);
            await server.Client.CreateAsync(v2, Shop(v2, server.Namespace, "two", "\"host\":\"g\",\"port\":90"), null, Patience);
            Assert.Equal("""{"host":"h","port":80}""", (await server.Client.GetAsync(v2, new(server.Namespace, "one"), Patience)).ToJson()["spec"]!.ToJsonString());
            Assert.Equal("""{"hostPort":"g:90"}""", (await server.Client.GetAsync(v1, new(server.Namespace, "two"), Patience)).ToJson()["spec"]!.ToJsonString());
            await Eventually.SeeAsync("the watch to bring it converted", _ => Task.FromResult(informer.Cache.Get(new(server.Namespace, "one"))?.ToJson()["spec"]!.ToJsonString()), spec => spec == """{"host":"h","port":80}""", cancellationToken: Patience);

            // What cannot be converted is refused, and says so.
            var refusal = await Assert.ThrowsAsync<ApiException>(() => server.Client.CreateAsync(v1, Shop(v1, server.Namespace, "bad", "\"hostPort\":\"none\""), null, Patience));
            TestContext.Current.TestOutputHelper!.WriteLine(refusal.Message);
            Assert.Contains("bad: the webhook failed: Index was outside the bounds of the array.", refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            await server.Client.DeleteAsync(Definitions, ObjectKey.ClusterScoped(name), null, CancellationToken.None);
            await stop.CancelAsync();
            await Task.WhenAny(running);
        }
    }

    private static OperatorOptions Options(string @namespace, IReadOnlyList<string> definitions) => new()
    {
        Name = "conversion",
        Webhooks = { BindAddress = "127.0.0.1:0", SelfSigned = { Namespace = @namespace, CustomResourceDefinitions = definitions, UseLocalUrl = true } },
    };

    private static ResourceType Of(string group, string version) => new(group, version, "Shop", "shops", Namespaced: true);

    private static StringContent Json(string text) => new(text, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    private static DynamicObject Shop(ResourceType type, string @namespace, string name, string spec) => DynamicObject.Parse(Encoding.UTF8.GetBytes(
        $$$"""{"apiVersion":"{{{type.ApiVersion}}}","kind":"Shop","metadata":{"name":"{{{name}}}","namespace":"{{{@namespace}}}"},"spec":{{{{spec}}}}}"""));

    // Stored in v2, so that everything in v1 goes through the webhook.
    private static string Definition(string name, string group)
    {
        static string Version(string version, bool isStored) =>
            $$$"""{"name":"{{{version}}}","served":true,"storage":{{{(isStored ? "true" : "false")}}},"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","x-kubernetes-preserve-unknown-fields":true} } } } }""";
        return $$$"""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"{{{name}}}"},"spec":{"group":"{{{group}}}","scope":"Namespaced",
            "names":{"plural":"shops","singular":"shop","kind":"Shop","listKind":"ShopList"},"versions":[{{{Version("v1", false)}}},{{{Version("v2", true)}}}],
            "conversion":{"strategy":"Webhook","webhook":{"conversionReviewVersions":["v1"],"clientConfig":{"service":{"name":"shops","namespace":"default","path":"/convert"} } } } } }
            """;
    }
}
