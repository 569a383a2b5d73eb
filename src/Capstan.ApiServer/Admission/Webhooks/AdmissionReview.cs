using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;
using Capstan.Schemas;

namespace Capstan.ApiServer.Admission.Webhooks;

/// <summary>What a webhook is sent, and how its answer is read.</summary>
internal static class AdmissionReview
{
    private const string Group = "admission.k8s.io";

    /// <summary>Whether reviews of this version can be sent.</summary>
    public static bool IsKnown(string? version) => version is "v1" or "v1beta1";

    /// <summary>The question, as JSON.</summary>
    /// <param name="request">The request.</param>
    /// <param name="served">The version of the resource that the webhook wants to see.</param>
    /// <param name="version">The version of the review.</param>
    /// <param name="uid">Comes back with the answer.</param>
    public static byte[] Write(AdmissionRequest request, ServedResource served, string version, string uid)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, ObjectJson.Compact))
        {
            writer.WriteStartObject();
            writer.WriteString("kind"u8, "AdmissionReview"u8);
            writer.WriteString("apiVersion"u8, $"{Group}/{version}");
            writer.WriteStartObject("request"u8);
            writer.WriteString("uid"u8, uid);
            foreach (var (name, value) in request.Describe(served))
            {
                writer.WritePropertyName(name);
                value!.WriteTo(writer);
            }

            WriteObject(writer, "object", request.InVersion(request.Object, served));
            WriteObject(writer, "oldObject", request.InVersion(request.OldObject, served));
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads an answer.</summary>
    /// <param name="body">What came.</param>
    /// <param name="version">The version that was asked in.</param>
    /// <param name="uid">The uid that was sent.</param>
    /// <param name="isMutating">Whether it may hold a patch.</param>
    /// <exception cref="WebhookFailure">It is no answer to the question.</exception>
    public static WebhookAnswer Read(byte[] body, string version, string uid, bool isMutating)
    {
        var review = Decode(body);
        CheckKind(review, version);
        if (TypeFault(review) is { } fault)
        {
            throw NotCalled(fault);
        }

        var response = review.Map("response") ?? throw Unfit("webhook response was absent");
        if (version == "v1")
        {
            CheckV1(review, response, uid, isMutating);
        }

        return new WebhookAnswer(
            response.Flag("allowed") == true,
            response.Map("status"),
            isMutating ? Patch(response.Text("patch") ?? "", version == "v1" ? response.Text("patchType") : "JSONPatch") : null,
            [.. response.Items("warnings").Select(warning => warning.Text() ?? "")]);
    }

    private static void WriteObject(Utf8JsonWriter writer, string name, JsonObject? obj)
    {
        writer.WritePropertyName(name);
        if (obj is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            obj.WriteTo(writer);
        }
    }

    private static JsonObject Decode(byte[] body)
    {
        JsonNode? node;
        try
        {
            node = JsonDecoder.Decode(body);
        }
        catch (FormatException e)
        {
            throw NotCalled($"couldn't get version/kind; json parse error: {e.Message}");
        }

        return node is null ? [] : node as JsonObject ?? throw NotCalled(
                $"couldn't get version/kind; json parse error: json: cannot unmarshal {GoTypes.NameOf(node)} into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}");
    }

    // What is left out is what was asked for; of v1 it is missed later, when the answer is looked into.
    private static void CheckKind(JsonObject review, string version)
    {
        var kind = review.Text("kind") is { Length: > 0 } k ? k : "AdmissionReview";
        var apiVersion = review.Text("apiVersion") is { Length: > 0 } v ? v : $"{Group}/{version}";
        if (apiVersion is not (Group + "/v1" or Group + "/v1beta1") || kind != "AdmissionReview")
        {
            throw NotCalled($"no kind {GoFormat.Quote(kind)} is registered for version {GoFormat.Quote(apiVersion)} in scheme \"k8s.io/apiserver/pkg/util/webhook/client.go:71\"");
        }

        var given = apiVersion[(Group.Length + 1)..];
        if (given != version)
        {
            throw NotCalled($"converting ({given}.AdmissionReview) to ({version}.AdmissionReview): unknown conversion");
        }
    }

    private static void CheckV1(JsonObject review, JsonObject response, string uid, bool isMutating)
    {
        if (response.Text("uid") != uid)
        {
            throw Unfit($"expected response.uid={GoFormat.Quote(uid)}, got {GoFormat.Quote(response.Text("uid") ?? "")}");
        }

        var (apiVersion, kind) = (review.Text("apiVersion") ?? "", review.Text("kind") ?? "");
        if (apiVersion.Length == 0 || kind.Length == 0)
        {
            throw Unfit($"expected webhook response of {Group}/v1, Kind=AdmissionReview, got {(apiVersion.Length == 0 ? "/" : apiVersion)}, Kind={kind}");
        }

        var (hasPatch, type) = (response.Text("patch") is { Length: > 0 }, response.Text("patchType"));
        var fault = (isMutating, hasPatch, type) switch
        {
            (true, true, null) => "webhook returned response.patch but not response.patchType",
            (true, false, not null) => "webhook returned response.patchType but not response.patch",
            (true, true, "") => "webhook returned invalid response.patchType of \"\"",
            (false, true, _) => "validating webhook may not return response.patch",
            (false, false, not null) => "validating webhook may not return response.patchType",
            _ => null,
        };
        if (fault is not null)
        {
            throw Unfit(fault);
        }
    }

    private static JsonArray? Patch(string base64, string? type)
    {
        if (base64.Length == 0)
        {
            return null;
        }

        JsonNode? patch;
        try
        {
            patch = JsonDecoder.Decode(Convert.FromBase64String(base64));
        }
        catch (FormatException e)
        {
            throw new WebhookFailure($"received undecodable patch in webhook response: {e.Message}");
        }

        if (patch is not (JsonArray or null))
        {
            throw new WebhookFailure($"received undecodable patch in webhook response: json: cannot unmarshal {GoTypes.NameOf(patch)} into Go value of type jsonpatch.Patch");
        }

        if (patch is JsonArray items && items.FirstOrDefault(item => item is not (JsonObject or null)) is { } other)
        {
            throw new WebhookFailure($"received undecodable patch in webhook response: json: cannot unmarshal {GoTypes.NameOf(other)} into Go value of type jsonpatch.Operation");
        }

        return patch is not JsonArray { Count: > 0 } operations ? null
            : type == "JSONPatch" ? operations
            : throw new WebhookFailure($"unsupported patch type {GoFormat.Quote(type ?? "")}");
    }

    // Types of the fields that are read, in the words of Go's decoder.
    private static string? TypeFault(JsonObject review)
    {
        (string Field, JsonValueKind Kind, string Type)[] fields =
        [
            ("uid", JsonValueKind.String, "types.UID"), ("allowed", JsonValueKind.True, "bool"), ("status", JsonValueKind.Object, "v1.Status"),
            ("patch", JsonValueKind.String, "[]uint8"), ("patchType", JsonValueKind.String, "v1.PatchType"), ("warnings", JsonValueKind.Array, "[]string"),
            ("auditAnnotations", JsonValueKind.Object, "map[string]string"),
        ];
        if (review["response"] is { } given && given is not JsonObject)
        {
            return $"json: cannot unmarshal {GoTypes.NameOf(given)} into Go struct field AdmissionReview.response of type v1.AdmissionResponse";
        }

        foreach (var (field, kind, type) in fields)
        {
            if (review.At("response", field) is { } value && value.GetValueKind() is var actual && actual != kind && !(kind == JsonValueKind.True && actual == JsonValueKind.False))
            {
                return $"json: cannot unmarshal {GoTypes.NameOf(value)} into Go struct field AdmissionResponse.response.{field} of type {type}";
            }
        }

        return review.Text("response", "patch") is { } patch && !System.Buffers.Text.Base64.IsValid(patch) ? "illegal base64 data at input byte 0" : null;
    }

    private static WebhookFailure NotCalled(string why) => new($"failed to call webhook: {why}");

    private static WebhookFailure Unfit(string why) => new($"received invalid webhook response: {why}");
}

/// <summary>What a webhook says.</summary>
/// <param name="Allowed">Whether the request may pass.</param>
/// <param name="Status">Why not, in its own words; null where it has none.</param>
/// <param name="Patch">What it changes, at least one operation; null for nothing.</param>
/// <param name="Warnings">For the client.</param>
internal sealed record WebhookAnswer(bool Allowed, JsonObject? Status, JsonArray? Patch, IReadOnlyList<string> Warnings);
