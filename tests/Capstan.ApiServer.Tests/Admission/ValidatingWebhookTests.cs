using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Capstan.ApiServer.Tests.Admission;

/// <summary>Webhooks that judge, over the wire. The wording was compared with a kube-apiserver 1.36.</summary>
public sealed class ValidatingWebhookTests(AdmissionFixture fixture) : IClassFixture<AdmissionFixture>
{
    private readonly WebhookServer _hooks = fixture.Hooks;

    [Theory]
    [InlineData("""{"allowed":false}""", 400, "", """admission webhook "deny.example.com" denied the request without explanation""")]
    [InlineData("""{"allowed":false,"status":{"message":"no way"}}""", 400, "", """admission webhook "deny.example.com" denied the request: no way""")]
    [InlineData("""{"allowed":false,"status":{"reason":"Forbidden"}}""", 400, "Forbidden", """admission webhook "deny.example.com" denied the request: Forbidden""")]
    [InlineData("""{"allowed":false,"status":{"code":200,"status":"Success","message":"x"}}""", 400, "", """admission webhook "deny.example.com" denied the request: x""")]
    [InlineData("""{"allowed":false,"status":{"code":422,"reason":"Invalid","message":"x"}}""", 422, "Invalid", """admission webhook "deny.example.com" denied the request: x""")]
    [InlineData("""{"allowed":false,"status":{"code":70000,"message":"x"}}""", 500, "", """admission webhook "deny.example.com" denied the request: x""")]
    public async Task A_denial_is_told_in_the_words_of_the_webhook(string response, int code, string reason, string message)
    {
        var ns = await fixture.NamespaceAsync();
        _hooks.On("deny", _ => response);
        await fixture.ValidatingAsync(_hooks.Hook("deny", ns));

        var refused = await fixture.CreateAsync(ns, "a");

        Assert.Equal((code, reason, message), ((int)refused.Code, refused.Reason ?? "", refused.Message));
        Assert.Equal("Failure", (string?)refused.Json["status"]);
    }

    [Fact]
    public async Task The_review_shows_the_request_as_Kubernetes_shows_it()
    {
        var ns = await fixture.NamespaceAsync();
        _hooks.On("shown", _ => """{"allowed":true}""");
        await fixture.ValidatingAsync(_hooks.Hook("shown", ns));
        _hooks.Forget();

        await fixture.CreateAsync(ns, "a", ""","data":{"k":"v"}""", "?fieldManager=me&fieldValidation=Strict");
        await fixture.Api.PatchAsync($"/api/v1/namespaces/{ns}/configmaps/a", TestServer.MergePatch, """{"data":{"k":"w"}}""");
        await fixture.Api.SendAsync(HttpMethod.Delete, $"/api/v1/namespaces/{ns}/configmaps/a", """{"propagationPolicy":"Background"}""");

        var reviews = _hooks.Seen.Select(seen => seen.Review["request"]!).ToList();
        Assert.Equal(["CREATE", "UPDATE", "DELETE"], reviews.Select(r => (string?)r["operation"]));
        Assert.Equal(
            """{"kind":{"group":"","version":"v1","kind":"ConfigMap"},"resource":{"group":"","version":"v1","resource":"configmaps"},"requestKind":{"group":"","version":"v1","kind":"ConfigMap"},"requestResource":{"group":"","version":"v1","resource":"configmaps"},"name":"a","namespace":"NS","operation":"CREATE","userInfo":{"username":"kubernetes-admin","groups":["system:masters","system:authenticated"],"extra":{"authentication.kubernetes.io/credential-id":["X509SHA256=HASH"]}},"dryRun":false,"options":{"kind":"CreateOptions","apiVersion":"meta.k8s.io/v1","fieldManager":"me","fieldValidation":"Strict"}}""".Replace("NS", ns, StringComparison.Ordinal).Replace(
                "HASH", fixture.Api.Server.AdminCertificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256).ToLowerInvariant(), StringComparison.Ordinal),
            Without(reviews[0], "uid", "object", "oldObject").ToJsonString());
        Assert.Equal([null, "v", "w"], reviews.Select(r => (string?)r["oldObject"]?["data"]?["k"]));
        Assert.Equal(["v", "w", null], reviews.Select(r => (string?)r["object"]?["data"]?["k"]));
        Assert.Equal("""{"kind":"UpdateOptions","apiVersion":"meta.k8s.io/v1"}""", reviews[1]["options"]!.ToJsonString());
        Assert.Equal("""{"kind":"DeleteOptions","apiVersion":"meta.k8s.io/v1","propagationPolicy":"Background"}""", reviews[2]["options"]!.ToJsonString());
        Assert.Matches("^[0-9a-f-]{36}$", (string?)reviews[0]["object"]!["metadata"]!["uid"]);
    }

    [Fact]
    public async Task Webhooks_are_asked_at_once_and_the_first_refusal_in_their_order_is_told()
    {
        var ns = await fixture.NamespaceAsync();
        var both = new CountdownEvent(2);
        async Task Meet(HttpContext http, JsonNode review, string message)
        {
            both.Signal();
            await Task.Run(() => both.Wait(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
            await http.Response.WriteAsync(
                $$$"""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"{{{review["request"]!["uid"]}}}","allowed":false,"status":{"message":"{{{message}}}"} } }""");
        }

        _hooks.Raw("one", (http, review) => Meet(http, review, "first"));
        _hooks.Raw("two", (http, review) => Meet(http, review, "second"));
        await fixture.ValidatingAsync(_hooks.Hook("one", ns), _hooks.Hook("two", ns));

        Assert.Equal("""admission webhook "one.example.com" denied the request: first""", (await fixture.CreateAsync(ns, "a")).Message);
    }

    [Fact]
    public async Task Warnings_reach_the_client_once_each_also_with_a_refusal()
    {
        var ns = await fixture.NamespaceAsync();
        _hooks.On("warns", r => $$"""{"allowed":{{((string?)r["name"] == "good" ? "true" : "false")}},"warnings":["take care","take care","a \"quote\"","line\nbreak","gr\u00fcn"]}""");
        await fixture.ValidatingAsync(_hooks.Hook("warns", ns));

        string[] expected = ["299 - \"take care\"", "299 - \"a \\\"quote\\\"\""];
        Assert.Equal(expected, (await fixture.CreateAsync(ns, "good")).Warnings.Take(2));
        var refused = await fixture.CreateAsync(ns, "bad");
        Assert.Equal(HttpStatusCode.BadRequest, refused.Code);
        Assert.Equal(expected, refused.Warnings.Take(2));
        Assert.Equal(3, refused.Warnings.Count);
    }

    [Theory]
    [InlineData(200, "{garbage", "failed to call webhook: couldn't get version/kind; json parse error: invalid character 'g' looking for beginning of object key string")]
    [InlineData(200, "", "failed to call webhook: 0-length response with status code: 200 and content type: application/json")]
    [InlineData(200, "{}", "received invalid webhook response: webhook response was absent")]
    [InlineData(200, """{"apiVersion":"admission.k8s.io/v1","kind":"Other"}""", "failed to call webhook: no kind \"Other\" is registered for version \"admission.k8s.io/v1\" in scheme \"k8s.io/apiserver/pkg/util/webhook/client.go:71\"")]
    [InlineData(200, """{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","response":{"allowed":true}}""", "failed to call webhook: converting (v1beta1.AdmissionReview) to (v1.AdmissionReview): unknown conversion")]
    [InlineData(200, """{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"allowed":"yes"}}""", "failed to call webhook: json: cannot unmarshal string into Go struct field AdmissionResponse.response.allowed of type bool")]
    [InlineData(200, "$.uid", "received invalid webhook response: validating webhook may not return response.patchType", "JSONPatch")]
    [InlineData(500, "oops", "failed to call webhook: an error on the server (\"unknown\") has prevented the request from succeeding")]
    [InlineData(404, "nothing", "failed to call webhook: the server could not find the requested resource")]
    [InlineData(403, """{"apiVersion":"v1","kind":"Status","status":"Failure","message":"told so"}""", "failed to call webhook: told so")]
    public async Task An_answer_that_is_none_is_a_failed_call(int code, string body, string reason, string? patchType = null)
    {
        var ns = await fixture.NamespaceAsync();
        _hooks.Raw("broken", async (http, review) =>
        {
            http.Response.StatusCode = code;
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(patchType is null ? body
                : $$$"""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"{{{review["request"]!["uid"]}}}","allowed":true,"patchType":"{{{patchType}}}"} }""");
        });
        var path = await fixture.ValidatingAsync(_hooks.Hook("broken", ns));

        var refused = await fixture.CreateAsync(ns, "a");
        var message = $"failed calling webhook \"broken.example.com\": {reason}";
        Assert.Equal((HttpStatusCode.InternalServerError, "InternalError", $"Internal error occurred: {message}"), (refused.Code, refused.Reason, refused.Message));
        Assert.Equal(message, (string?)refused.Json["details"]!["causes"]![0]!["message"]);

        // Where failures are to be ignored the same is let through.
        await fixture.Api.PatchAsync(path, TestServer.JsonPatch, """[{"op":"replace","path":"/webhooks/0/failurePolicy","value":"Ignore"}]""");
        Assert.Equal(HttpStatusCode.Created, (await fixture.CreateAsync(ns, "a")).Code);
    }

    [Fact]
    public async Task A_webhook_that_hangs_costs_its_timeout_and_no_more()
    {
        var ns = await fixture.NamespaceAsync();
        var left = new TaskCompletionSource();
        _hooks.Raw("hangs", async (http, _) =>
        {
            using var gone = http.RequestAborted.Register(() => left.TrySetResult());
            await left.Task;
        });
        await fixture.ValidatingAsync(_hooks.Hook("hangs", ns, """{"timeoutSeconds":1}"""));

        var refused = await fixture.CreateAsync(ns, "a");

        Assert.Equal(
            $"Internal error occurred: failed calling webhook \"hangs.example.com\": failed to call webhook: Post \"https://127.0.0.1:{_hooks.Port}/hangs?timeout=1s\": context deadline exceeded",
            refused.Message);
        await left.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_client_that_leaves_takes_the_call_with_it()
    {
        var ns = await fixture.NamespaceAsync();
        var (asked, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        _hooks.Raw("waits", async (http, _) =>
        {
            using var gone = http.RequestAborted.Register(() => left.TrySetResult());
            asked.TrySetResult();
            await left.Task;
        });
        await fixture.ValidatingAsync(_hooks.Hook("waits", ns, """{"timeoutSeconds":30}"""));

        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var content = new StringContent("""{"metadata":{"name":"a"}}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        var request = fixture.Api.Admin.PostAsync(new Uri($"/api/v1/namespaces/{ns}/configmaps", UriKind.Relative), content, leaving.Token);
        await asked.Task.WaitAsync(TestContext.Current.CancellationToken);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await left.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_answer_without_end_is_cut_off()
    {
        var ns = await fixture.NamespaceAsync();
        _hooks.Raw("floods", async (http, _) =>
        {
            var block = new byte[64 << 10];
            block.AsSpan().Fill((byte)' ');
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.Body.WriteAsync(block, http.RequestAborted);
            }
        });
        await fixture.ValidatingAsync(_hooks.Hook("floods", ns, """{"timeoutSeconds":30}"""));

        Assert.EndsWith(": the response is too large", (await fixture.CreateAsync(ns, "a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_connection_serves_many_reviews()
    {
        var ns = await fixture.NamespaceAsync();
        await using var hooks = await WebhookServer.StartAsync();
        hooks.On("again", _ => """{"allowed":true}""");
        await fixture.ValidatingAsync(hooks.Hook("again", ns));
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.Created, (await fixture.CreateAsync(ns, $"a{i}")).Code);
        }

        Assert.Equal((5, 1), (hooks.Seen.Count, hooks.Connections));
    }

    [Fact]
    public async Task A_dry_run_does_not_ask_a_webhook_with_side_effects_and_tells_one_without()
    {
        var ns = await fixture.NamespaceAsync();
        _hooks.On("dry", r => $$"""{"allowed":{{((bool)r["dryRun"]! ? "true" : "false")}}}""");
        var path = await fixture.ValidatingAsync(_hooks.Hook("dry", ns, """{"sideEffects":"NoneOnDryRun"}"""));

        Assert.Equal(HttpStatusCode.Created, (await fixture.CreateAsync(ns, "a", query: "?dryRun=All")).Code);
        Assert.Equal(HttpStatusCode.BadRequest, (await fixture.CreateAsync(ns, "a")).Code);
        Assert.Equal(HttpStatusCode.OK, (await fixture.Api.SendAsync(HttpMethod.Delete, path)).Code);
        Assert.Equal(HttpStatusCode.Created, (await fixture.CreateAsync(ns, "a")).Code);
    }

    private static JsonObject Without(JsonNode node, params string[] fields)
    {
        var copy = node.DeepClone().AsObject();
        foreach (var field in fields)
        {
            copy.Remove(field);
        }

        return copy;
    }
}
