using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests.Admission;

/// <summary>A server, and a webhook server that it may ask.</summary>
public sealed class AdmissionFixture : IAsyncLifetime
{
    public const string Registration = "/apis/admissionregistration.k8s.io/v1";

    private int _configurations;

    public TestServer Api { get; } = new();

    public WebhookServer Hooks { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Api.InitializeAsync();
        Hooks = await WebhookServer.StartAsync("localhost", "hooks.system.svc");
    }

    public async ValueTask DisposeAsync()
    {
        await Hooks.DisposeAsync();
        await Api.DisposeAsync();
    }

    /// <summary>A fresh namespace: its name.</summary>
    public async Task<string> NamespaceAsync() => (await Api.NamespaceAsync()).Split('/')[^1];

    public Task<string> MutatingAsync(params JsonObject[] webhooks) => ConfigureAsync("MutatingWebhookConfiguration", webhooks);

    public Task<string> ValidatingAsync(params JsonObject[] webhooks) => ConfigureAsync("ValidatingWebhookConfiguration", webhooks);

    public Task<Answer> CreateAsync(string ns, string name, string more = "", string query = "") => Api.SendAsync(
        HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps{query}", $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}"}{{more}}}""");

    // Names count up, so that the order of configurations is that of their making.
    private async Task<string> ConfigureAsync(string kind, JsonObject[] webhooks)
    {
        var name = $"c-{Interlocked.Increment(ref _configurations):000}";
        var body = new JsonObject
        {
            ["apiVersion"] = "admissionregistration.k8s.io/v1",
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = name },
            ["webhooks"] = new JsonArray([.. webhooks]),
        };
        var path = $"{Registration}/{kind.ToLowerInvariant()}s";
        var made = await Api.SendAsync(HttpMethod.Post, path, body.ToJsonString());
        Assert.Equal(HttpStatusCode.Created, made.Code);
        return $"{path}/{name}";
    }
}
