using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests.Admission;

/// <summary>How a webhook is found, and whom the server believes to be it.</summary>
public sealed class WebhookTrustTests(AdmissionFixture fixture) : IClassFixture<AdmissionFixture>
{
    private readonly WebhookServer _hooks = fixture.Hooks;

    [Theory]
    [InlineData("other", "tls: failed to verify certificate: x509: certificate signed by unknown authority")]
    [InlineData("none", "tls: failed to verify certificate: x509: certificate signed by unknown authority")]
    public async Task A_server_is_believed_only_when_the_named_authority_has_signed_it(string bundle, string why)
    {
        var ns = await fixture.NamespaceAsync();
        await using var stranger = await WebhookServer.StartAsync();
        var hook = _hooks.Hook("trusted", ns);
        hook["clientConfig"] = new JsonObject { ["url"] = $"https://127.0.0.1:{_hooks.Port}/trusted" };
        if (bundle == "other")
        {
            hook["clientConfig"]!["caBundle"] = stranger.CaBundle;
        }

        await fixture.ValidatingAsync(hook);
        Assert.EndsWith($"/trusted?timeout=10s\": {why}", (await fixture.CreateAsync(ns, "a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_not_believed()
    {
        var ns = await fixture.NamespaceAsync();
        await using var other = await WebhookServer.StartAsync("elsewhere.example.com");
        var hook = other.Hook("named", ns);
        hook["clientConfig"]!["url"] = $"https://localhost:{other.Port}/named";
        await fixture.ValidatingAsync(hook);

        Assert.EndsWith(
            "tls: failed to verify certificate: x509: certificate is valid for elsewhere.example.com, not localhost",
            (await fixture.CreateAsync(ns, "a")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_at_home_is_told_as_a_refused_connection()
    {
        var ns = await fixture.NamespaceAsync();
        var hook = _hooks.Hook("gone", ns);
        hook["clientConfig"]!["url"] = "https://127.0.0.1:1";
        await fixture.ValidatingAsync(hook);

        Assert.Equal(
            "Internal error occurred: failed calling webhook \"gone.example.com\": failed to call webhook: Post \"https://127.0.0.1:1/?timeout=10s\": dial tcp 127.0.0.1:1: connect: connection refused",
            (await fixture.CreateAsync(ns, "a")).Message);
    }

    [Fact]
    public async Task A_Service_leads_to_what_stands_behind_it_under_its_own_name()
    {
        var ns = await fixture.NamespaceAsync();
        await using var hooks = await WebhookServer.StartAsync($"hooks.{ns}.svc");
        hooks.On("served", _ => """{"allowed":true}""");
        await fixture.Api.SendAsync(
            HttpMethod.Post, $"/api/v1/namespaces/{ns}/services", """{"metadata":{"name":"hooks"},"spec":{"type":"ExternalName","externalName":"localhost"}}""");
        var hook = hooks.Hook("served", ns);
        hook["clientConfig"] = JsonNode.Parse($$$"""{"service":{"namespace":"{{{ns}}}","name":"hooks","path":"/served","port":{{{hooks.Port}}}},"caBundle":"{{{hooks.CaBundle}}}"}""");
        await fixture.ValidatingAsync(hook);

        Assert.Equal(HttpStatusCode.Created, (await fixture.CreateAsync(ns, "a")).Code);
        Assert.Single(hooks.Seen);
    }

    [Theory]
    [InlineData("none", 443, "service \"none\" not found")]
    [InlineData("hooks", 99, "no service port 99 found for service \"hooks\"")]
    public async Task A_Service_that_leads_nowhere_is_told(string service, int port, string why)
    {
        var ns = await fixture.NamespaceAsync();
        await fixture.Api.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/services", """{"metadata":{"name":"hooks"},"spec":{"ports":[{"port":443}]}}""");
        var hook = _hooks.Hook("lost", ns);
        hook["clientConfig"] = JsonNode.Parse($$$"""{"service":{"namespace":"{{{ns}}}","name":"{{{service}}}","path":"/p","port":{{{port}}}},"caBundle":"{{{_hooks.CaBundle}}}"}""");
        await fixture.ValidatingAsync(hook);

        Assert.Equal(
            $"Internal error occurred: failed calling webhook \"lost.example.com\": failed to call webhook: Post \"https://{service}.{ns}.svc:{port}/p?timeout=10s\": {why}",
            (await fixture.CreateAsync(ns, "a")).Message);
    }
}
