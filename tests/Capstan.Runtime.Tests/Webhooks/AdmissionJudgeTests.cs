using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Capstan.Patching;
using Capstan.Webhooks;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Capstan.Runtime.Tests.Webhooks;

public sealed class AdmissionJudgeTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly MetricsReading metrics = new();
    private readonly ManualTime time = new();
    private readonly AdmissionJudge judge;

    public AdmissionJudgeTests() => judge = new(new WebhookInstruments(metrics.Meter, ["/judge"]), time, NullLogger.Instance);

    public void Dispose() => metrics.Dispose();

    [Fact]
    public async Task Every_part_of_the_request_is_there()
    {
        AdmissionRequest? seen = null;
        await AskAsync(Reviews.Of("UPDATE", oldObject: """{"metadata":{"name":"a","generation":7}}"""), request =>
        {
            seen = request;
            return AdmissionResult.Allowed;
        });
        Assert.Equal("705ab4f5-6393-11e8-b7cc-42010a800002", seen!.Uid);
        Assert.Equal((AdmissionOperation.Update, "a", "default", false), (seen.Operation, seen.Name, seen.Namespace, seen.DryRun));
        Assert.Equal((new GroupVersionKind("", "v1", "ConfigMap"), new GroupVersionResource("", "v1", "configmaps"), "status"), (seen.Kind, seen.Resource, seen.SubResource));
        Assert.Equal((new GroupVersionKind("apps", "v2", "Other"), new GroupVersionResource("apps", "v2", "others"), "scale"), (seen.RequestKind, seen.RequestResource, seen.RequestSubResource));
        Assert.Equal(("jané", "u1"), (seen.UserInfo.Username, seen.UserInfo.Uid));
        Assert.Equal(["g1", "g2"], seen.UserInfo.Groups);
        Assert.Equal(["v1", "v2"], seen.UserInfo.Extra["k"]);
        Assert.Equal(new ObjectKey("default", "a"), seen.Object!.Key);
        Assert.Equal(7, seen.OldObject!.Generation);
        Assert.Equal("CreateOptions", seen.Options!.Kind);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v1beta1")]
    public async Task Trap33_the_uid_comes_back_in_the_version_of_the_question_whatever_is_answered(string version)
    {
        var body = Reviews.Of(version: version, uid: "u\\u00e9\\\"");
        foreach (var result in (Func<AdmissionRequest, AdmissionResult>[])[_ => AdmissionResult.Allowed, _ => AdmissionResult.Denied("no"), _ => throw new InvalidOperationException("a bug")])
        {
            var answer = await AnswerAsync(body, (request, _) => ValueTask.FromResult(result(request)));
            Assert.Equal($"admission.k8s.io/{version}", JsonNode.Parse(answer.Span)!["apiVersion"]!.GetValue<string>());
            Assert.Equal("ué\"", Reviews.Response(answer)["uid"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task A_refusal_tells_all_causes_and_warnings_at_once()
    {
        ApiStatusCause[] causes = [new() { Reason = "FieldValueInvalid", Field = "spec.replicas", Message = "must be at least 3" }, new() { Field = "spec.size", Message = "may not shrink" }];
        var response = await AskAsync(Reviews.Of(), _ => AdmissionResult.Denied(causes) with
        {
            Warnings = ["old field"],
            AuditAnnotations = new Dictionary<string, string> { ["rule"] = "r1" },
        });
        Assert.False(response["allowed"]!.GetValue<bool>());
        Assert.Equal("spec.replicas: must be at least 3; spec.size: may not shrink", response["status"]!["message"]!.GetValue<string>());
        Assert.Equal((422, "Invalid", "Failure"), (response["status"]!["code"]!.GetValue<int>(), response["status"]!["reason"]!.GetValue<string>(), response["status"]!["status"]!.GetValue<string>()));
        Assert.Equal(["spec.replicas", "spec.size"], response["status"]!["details"]!["causes"]!.AsArray().Select(cause => cause!["field"]!.GetValue<string>()));
        Assert.Equal("old field", response["warnings"]![0]!.GetValue<string>());
        Assert.Equal("r1", response["auditAnnotations"]!["rule"]!.GetValue<string>());
        Assert.Throws<ArgumentException>(() => AdmissionResult.Denied([]));
    }

    [Theory]
    [InlineData("", "the body is no AdmissionReview: ")]
    [InlineData("[]", "the body is no AdmissionReview: ")]
    [InlineData("{\"kind\":\"AdmissionReview\"", "the body is no AdmissionReview: ")]
    [InlineData("{\"kind\":\"AdmissionReview\"} x", "the body is no AdmissionReview: ")]
    [InlineData("{}", "the body is no AdmissionReview")]
    [InlineData("""{"kind":"Pod","apiVersion":"v1"}""", "the body is no AdmissionReview")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v2","request":{"uid":"u"}}""", "the AdmissionReview is of no version")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}""", "the AdmissionReview has no request")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":[]}""", "the AdmissionReview has no request")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"operation":"CREATE"}}""", "the request has no uid")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":7,"operation":"CREATE"}}""", "the request has no uid")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u","operation":"PATCH"}}""", "the request's operation is none of")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u","operation":"CREATE","object":"text"}}""", "the request's object is no object")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u","operation":"CREATE","userInfo":[]}}""", "the request's userInfo is no object")]
    public async Task Trap33_what_is_no_question_is_answered_with_a_review_that_says_so(string body, string message)
    {
        var asked = false;
        var response = await AskAsync(Encoding.UTF8.GetBytes(body), _ =>
        {
            asked = true;
            return AdmissionResult.Allowed;
        });
        Assert.False(asked);
        Assert.Equal((false, 400), (response["allowed"]!.GetValue<bool>(), response["status"]!["code"]!.GetValue<int>()));
        Assert.StartsWith(message, response["status"]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trap33_depth_without_end_is_refused_and_breaks_nothing()
    {
        var nested = new string('[', 100_000) + new string(']', 100_000);
        var deep = """{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u","operation":"CREATE","object":{"a":""" + nested + "}}}";
        Assert.Equal(400, (await AskAsync(Encoding.UTF8.GetBytes(deep), _ => AdmissionResult.Allowed))["status"]!["code"]!.GetValue<int>());
    }

    [Fact]
    public async Task Trap33_a_dry_run_is_told_to_the_handler()
    {
        var seen = new List<bool>();
        foreach (var dryRun in (bool[])[true, false])
        {
            await AskAsync(Reviews.Of(dryRun: dryRun), request =>
            {
                seen.Add(request.DryRun);
                return AdmissionResult.Allowed;
            });
        }

        Assert.Equal([true, false], seen);
    }

    [Fact]
    public async Task A_handler_that_throws_refuses_this_request_and_is_counted()
    {
        Assert.Equal("0", metrics["controller_runtime_webhook_panics_total"]);
        var response = await AskAsync(Reviews.Of(), _ => throw new NullReferenceException("a bug"));
        Assert.Equal((false, 500, "the webhook failed: a bug"), (response["allowed"]!.GetValue<bool>(), response["status"]!["code"]!.GetValue<int>(), response["status"]!["message"]!.GetValue<string>()));
        Assert.Equal("1", metrics["controller_runtime_webhook_panics_total"]);
        Assert.True((await AskAsync(Reviews.Of(), _ => AdmissionResult.Allowed))["allowed"]!.GetValue<bool>());
    }

    [Fact]
    public async Task An_error_of_the_api_server_is_passed_on_and_is_no_bug()
    {
        var response = await AskAsync(Reviews.Of(), _ => throw new ApiException(new() { Code = 429, Reason = "TooManyRequests", Message = "slow down" }, "GET shops"));
        Assert.Equal((429, "TooManyRequests"), (response["status"]!["code"]!.GetValue<int>(), response["status"]!["reason"]!.GetValue<string>()));
        Assert.Equal("0", metrics["controller_runtime_webhook_panics_total"]);
    }

    [Fact]
    public async Task Trap33_the_handler_is_cancelled_a_little_before_the_api_server_gives_up_and_the_answer_says_why()
    {
        var asking = AnswerAsync(Reviews.Of(), async (_, token) =>
        {
            await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, token);
            return AdmissionResult.Allowed;
        });
        time.Advance(TimeSpan.FromSeconds(9.4));
        Assert.False(asking.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        var response = Reviews.Response(await asking);
        Assert.Equal((false, 504, "Timeout"), (response["allowed"]!.GetValue<bool>(), response["status"]!["code"]!.GetValue<int>(), response["status"]!["reason"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Trap33_a_handler_that_does_not_listen_is_left_behind_at_the_deadline()
    {
        var never = new TaskCompletionSource<AdmissionResult>();
        var asking = AnswerAsync(Reviews.Of(), (_, _) => new(never.Task));
        time.Advance(Timeout);
        Assert.Equal(504, Reviews.Response(await asking)["status"]!["code"]!.GetValue<int>());
        never.SetException(new InvalidOperationException("late"));
    }

    [Fact]
    public async Task A_changed_object_becomes_a_patch_that_makes_it()
    {
        var response = await AskAsync(Reviews.Of(), request =>
        {
            var json = request.Object!.ToJson();
            json["data"]!["k"] = "w";
            json["metadata"]!["labels"] = new JsonObject { ["a/b~c"] = "1" };
            return AdmissionResult.Changed(DynamicObject.From(json));
        }, isMutating: true);
        Assert.Equal("JSONPatch", response["patchType"]!.GetValue<string>());
        Assert.Equal(
            """[{"op":"add","path":"/metadata/labels","value":{"a/b~c":"1"}},{"op":"replace","path":"/data/k","value":"w"}]""",
            Reviews.Patch(response)!.ToJsonString());
    }

    [Fact]
    public async Task An_object_that_is_as_it_came_has_no_patch()
    {
        var response = await AskAsync<ConfigMap>(Reviews.Of(), request => AdmissionResult.Changed(request.Object!));
        Assert.True(response["allowed"]!.GetValue<bool>());
        Assert.Null(response["patch"]);
        Assert.Null(response["patchType"]);
    }

    [Fact]
    public async Task What_the_type_does_not_know_stays_when_a_typed_object_is_changed()
    {
        const string Came = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","newer":{"x":1.50}},"data":{"k":"v"},"binaryData":{"b":"AA=="},"immutable":null}""";
        var response = await AskAsync<ConfigMap>(Reviews.Of(@object: Came), request =>
        {
            request.Object!.Data!["k"] = "w";
            request.Object.Metadata.Labels = new() { ["l"] = "1" };
            return AdmissionResult.Changed(request.Object);
        });
        var changed = JsonPatch.Apply(JsonNode.Parse(Came)!, Reviews.Patch(response)!);
        Assert.Equal(
            """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","newer":{"x":1.50},"labels":{"l":"1"}},"data":{"k":"w"},"binaryData":{"b":"AA=="},"immutable":null}""",
            changed.ToJsonString());
        Assert.Equal(2, Reviews.Patch(response)!.Count);
    }

    [Fact]
    public async Task An_object_that_its_type_cannot_hold_is_a_bad_request()
    {
        var response = await AskAsync<ConfigMap>(Reviews.Of(@object: """{"metadata":{"name":"a"},"data":{"k":7}}"""), request => request.Object is null ? AdmissionResult.Denied("?") : AdmissionResult.Allowed);
        Assert.Equal(400, response["status"]!["code"]!.GetValue<int>());
        Assert.Contains("$.data.k", response["status"]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deletion_has_the_old_object_alone()
    {
        var response = await AskAsync<ConfigMap>(Reviews.Of("DELETE", null, """{"metadata":{"name":"a"},"data":{"k":"v"}}"""), request =>
            request is { Operation: AdmissionOperation.Delete, Object: null } && request.OldObject!.Data!["k"] == "v" ? AdmissionResult.Allowed : AdmissionResult.Denied("?"));
        Assert.True(response["allowed"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_validating_webhook_changes_nothing()
    {
        var response = await AskAsync(Reviews.Of(), request => AdmissionResult.Changed(request.Object!));
        Assert.Equal(500, response["status"]!["code"]!.GetValue<int>());
    }

    [Fact]
    public void A_review_is_taken_apart_without_a_string_whatever_its_size()
    {
        long Bytes(string value)
        {
            var body = Reviews.Of(@object: $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"{{{value}}}"}}""");
            Read(body);
            return Allocated.By(() =>
            {
                for (var i = 0; i < 100; i++)
                {
                    Read(body);
                }
            });
        }

        Assert.Equal(0, Bytes("v"));
        Assert.Equal(0, Bytes(new string('v', 1 << 20)));

        static void Read(byte[] body) => Assert.True(ReviewSlices.Read(body).HasRequest);
    }

    [Fact]
    public void A_request_of_which_only_the_operation_is_asked_costs_one_object()
    {
        var body = Reviews.Of();
        var slices = ReviewSlices.Read(body);
        _ = new AdmissionRequest(body, slices, AdmissionOperation.Create);
        AdmissionRequest? request = null;
        var allocated = Allocated.By(() => request = new AdmissionRequest(body, slices, AdmissionOperation.Create));
        Assert.Equal(AdmissionOperation.Create, request!.Operation);
        TestContext.Current.TestOutputHelper?.WriteLine($"{allocated} bytes");
        Assert.InRange(allocated, 1, 300);
    }

    private async Task<JsonObject> AskAsync(byte[] body, Func<AdmissionRequest, AdmissionResult> handler, bool isMutating = false) =>
        Reviews.Response(await AnswerAsync(new("/judge", isMutating, (request, _) => ValueTask.FromResult(handler(request))), body));

    private async Task<JsonObject> AskAsync<T>(byte[] body, Func<AdmissionRequest<T>, AdmissionResult> handler)
        where T : KubeObject, IKubeObject<T> =>
        Reviews.Response(await AnswerAsync(AdmissionWebhook.Of<T>("/judge", true, (request, _) => ValueTask.FromResult(handler(request))), body));

    private Task<ReadOnlyMemory<byte>> AnswerAsync(byte[] body, Func<AdmissionRequest, CancellationToken, ValueTask<AdmissionResult>> handler) =>
        AnswerAsync(new AdmissionWebhook("/judge", false, handler), body);

    private async Task<ReadOnlyMemory<byte>> AnswerAsync(AdmissionWebhook webhook, byte[] body)
    {
        var answer = new ArrayBufferWriter<byte>();
        await judge.AnswerAsync(webhook, body, Timeout, answer, TestContext.Current.CancellationToken);
        return answer.WrittenMemory;
    }
}
