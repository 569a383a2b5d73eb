using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Kinds;
using Capstan.Patching;
using Capstan.Schemas;
using Capstan.Yaml;

namespace Capstan.Objects.Tests.ServerSideApply;

/// <summary>Replays what a real kube-apiserver was asked over the pure functions: before every write the object is what the server had answered last, so
/// that each step is judged for itself, without the server's defaulting.</summary>
internal sealed class RecordedConversation(JsonObject conversation)
{
    private static readonly DateTimeOffset Now = new(2026, 2, 2, 2, 2, 2, TimeSpan.Zero);
    private readonly Dictionary<string, JsonObject?> _live = [];
    private readonly Dictionary<string, JsonObject> _definitions = [];

    /// <summary>Steps that were compared.</summary>
    public int Judged { get; private set; }

    public List<string> Differences { get; } = [];

    public void Replay()
    {
        var steps = conversation["steps"]!.AsArray();
        for (var i = 0; i < steps.Count; i++)
        {
            if (steps[i]!["request"] is not JsonObject request || steps[i]!["response"] is not JsonObject response) continue;
            try
            {
                var ignored = steps[i]!["ignore"]?.AsArray().Select(p => (string)p!).ToArray() ?? [];
                Step(i, request, response, ignored);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Differences.Add($"step {i}: {e}");
            }
        }
    }

    private void Step(int number, JsonObject request, JsonObject response, string[] ignored)
    {
        var uri = new Uri("http://server" + ((string)request["path"]!).Replace("${", "-", StringComparison.Ordinal).Replace("}", "-", StringComparison.Ordinal));
        var query = System.Web.HttpUtility.ParseQueryString(uri.Query);
        var words = uri.AbsolutePath.Trim('/').Split('/');
        var apiVersion = words[0] == "api" ? words[1] : $"{words[1]}/{words[2]}".Replace("-id-", "${id}", StringComparison.Ordinal);
        var rest = words[(words[0] == "api" ? 2 : 3)..];
        if (rest is ["namespaces", _, _, ..]) rest = rest[2..];
        if (rest[0] == "customresourcedefinitions")
        {
            Define(request);
            return;
        }

        var code = (int)response["code"]!;
        var method = (string)request["method"]!;
        var answer = response["body"] as JsonObject;
        if (answer is not null && ignored.Length > 0 && code < 300) answer = null;
        var body = Body(request);
        var name = rest.Length > 1 ? rest[1] : NameOf(answer) ?? NameOf(body) ?? "";
        var subresource = rest.Length > 2 ? rest[2] : "";
        var key = $"{rest[0]}/{name}";
        if (method == "DELETE") _live.Remove(key);
        if (method is "DELETE" or "GET" || subresource is "scale" or "token" || (bool?)request["anonymous"] == true)
        {
            if (subresource == "scale") _live[key] = null;
            else if (method == "GET" && code == 200 && answer is not null) _live[key] = answer;
            return;
        }

        var isKnown = !_live.TryGetValue(key, out var live) || live is not null;
        live = live?.DeepClone().AsObject();
        if (live is not null) live["apiVersion"] = apiVersion;
        var kind = (string?)(code < 300 ? answer?["kind"] : null) ?? (string?)live?["kind"] ?? (string?)body?["kind"] ?? "";
        var schema = SchemaOf(apiVersion, kind);
        var write = new ApplyRequest(query["fieldManager"] ?? "replay", apiVersion, subresource, query["force"] == "true", Now)
        {
            ResetFields = ResetOf(apiVersion, kind, subresource),
            SchemaOfVersion = version => SchemaOf(version, kind),
        };
        var isApply = ((string?)request["headers"]?["Content-Type"])?.StartsWith("application/apply-patch", StringComparison.Ordinal) == true;
        if (isKnown && isApply && body is not null) JudgeApply(number, live, body, schema, write, code, answer, ignored.Length > 0);
        else if (isKnown && !isApply && code < 300 && answer is not null && IsTrackedAsAnswered(live, kind)) JudgeUpdate(number, live, request, schema, write, answer);
        if (code < 300 && query["dryRun"] is null) _live[key] = answer;
    }

    private void JudgeApply(int number, JsonObject? live, JsonObject body, Schema? schema, ApplyRequest write, int code, JsonObject? answer, bool isPartlyIgnored)
    {
        if (code is 403 or 404 or 422 || answer is null) return;
        var expected = code < 300 ? Entries(answer) : (string)answer["message"]!;
        if (code == 400 && !expected.Contains("managedFields", StringComparison.Ordinal)) return;
        // What Go's types refuse, beyond the schema, is the server's to judge.
        if (code == 500 && (isPartlyIgnored || expected.StartsWith("failed to convert new object", StringComparison.Ordinal))) return;
        string actual;
        var causes = "";
        try
        {
            actual = Entries(Capstan.Patching.ServerSideApply.Apply(live, body, schema, write));
        }
        catch (ApplyConflictException e)
        {
            actual = e.Message;
            causes = JsonSerializer.Serialize(e.Conflicts.Select(c => new { reason = "FieldManagerConflict", message = c.Message, field = c.Field }));
        }
        catch (Exception e) when (e is ApplyTypeException or PatchException)
        {
            actual = e.Message;
        }

        Compare(number, "apply", expected, actual);
        if (code == 409 && !isPartlyIgnored) Compare(number, "causes", answer["details"]!["causes"]!.ToJsonString(), causes.Length == 0 ? "" : JsonNode.Parse(causes)!.ToJsonString());
    }

    private void JudgeUpdate(int number, JsonObject? live, JsonObject request, Schema? schema, ApplyRequest write, JsonObject answer)
    {
        if (request["raw"] is not null) return;
        // Answers are in the order of masked times: an index into managedFields means nothing. And who patches must know what.
        if (request["body"] is JsonArray patch && patch.Any(o => ((string?)o!["path"])?.StartsWith("/metadata/managedFields/", StringComparison.Ordinal) == true)) return;
        if (live is null && (string?)request["method"] == "PATCH") return;
        if ((string?)answer["kind"] is "PartialObjectMetadata" or "Table" or "Status") return;
        var after = answer.DeepClone().AsObject();
        var requested = Requested(live, request);
        after["metadata"]!.AsObject()["managedFields"] = requested?["metadata"]?["managedFields"]?.DeepClone();
        // An empty list is noted as it was sent, and becomes null only as it is stored.
        foreach (var (field, _) in after.Where(f => f.Value is null && requested?[f.Key] is JsonArray { Count: 0 }).ToList()) after[field] = new JsonArray();
        ManagedFields.TrackUpdate(live, after, schema, write);
        Compare(number, "update", Entries(answer), Entries(after));
    }

    private static JsonObject? Requested(JsonObject? live, JsonObject request) => ((string?)request["headers"]?["Content-Type"]) switch
    {
        "application/merge-patch+json" => MergePatch.Apply(live!, Body(request)!),
        "application/json-patch+json" => JsonPatch.Apply(live!, Masked(request["body"]!.AsArray())).AsObject(),
        _ => request["body"] as JsonObject,
    };

    /// <summary>A real server fills some fields in after it has noted who owns what: there the answer does not tell what was noted.</summary>
    private static bool IsTrackedAsAnswered(JsonObject? live, string kind) =>
        live is not null || kind is not ("Namespace" or "Service" or "Pod" or "LimitRange" or "TokenRequest" or "TokenReview");

    private static string? NameOf(JsonObject? value) => value?["metadata"] is JsonObject metadata ? (string?)metadata["name"] : null;

    // What a test operation compares with is masked in the answers.
    private static JsonArray Masked(JsonArray patch) => [.. patch.Where(o => (string?)o!["op"] != "test").Select(o => o!.DeepClone())];

    private void Compare(int number, string what, string expected, string actual)
    {
        Judged++;
        if (expected != actual) Differences.Add($"step {number}, {what}:\n  real {expected}\n  ours {actual}");
    }

    private static string Entries(JsonObject answer)
    {
        var entries = (answer["metadata"]?["managedFields"] as JsonArray)?.DeepClone().AsArray() ?? [];
        foreach (var entry in entries)
            if (entry!["time"] is not null) entry["time"] = "<time>";
        var lines = entries.Select(e => GoFormat.Json(e)).Order(StringComparer.Ordinal);
        return string.Join("\n       ", lines);
    }

    private static JsonObject? Body(JsonObject request) =>
        request["body"] as JsonObject ?? (request["raw"] is { } raw ? Parse((string)raw!) : null);

    private static JsonObject? Parse(string raw)
    {
        try
        {
            return YamlReader.ReadFirst(raw, "body", new List<string>()) as JsonObject;
        }
        catch (YamlFormatException)
        {
            return null;
        }
    }

    private void Define(JsonObject request)
    {
        var name = NameOf(request["body"] as JsonObject) ?? ((string)request["path"]!).Split('?')[0].Split('/')[^1];
        if (request["body"] is JsonObject body && body.ContainsKey("kind")) _definitions[name] = body;
        else if (request["body"] is JsonArray patch && !((string)request["path"]!).Contains("/status", StringComparison.Ordinal))
            _definitions[name] = JsonPatch.Apply(_definitions[name], patch).AsObject();
        else if (request["body"] is JsonObject merge && !((string)request["path"]!).Contains("/status", StringComparison.Ordinal))
            _definitions[name] = MergePatch.Apply(_definitions[name], merge);
    }

    private JsonObject? VersionOf(string apiVersion, string kind) => _definitions.Values
        .Where(d => (string)d["spec"]!["names"]!["kind"]! == kind)
        .SelectMany(d => d["spec"]!["versions"]!.AsArray().Where(v => $"{d["spec"]!["group"]}/{v!["name"]}" == apiVersion))
        .FirstOrDefault()?.AsObject();

    private Schema? SchemaOf(string apiVersion, string kind)
    {
        if (VersionOf(apiVersion, kind) is { } version) return SchemaReader.FromOpenApiV3(version["schema"]!["openAPIV3Schema"]!.AsObject());
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        return BuiltInKinds.SchemaOf(slash < 0 ? new("", apiVersion, kind) : new(apiVersion[..slash], apiVersion[(slash + 1)..], kind));
    }

    private string[] ResetOf(string apiVersion, string kind, string subresource) => (kind, subresource) switch
    {
        ("Pod", "status") => ["spec", "metadata.deletionTimestamp", "metadata.ownerReferences"],
        ("Pod" or "Service" or "Deployment" or "Ingress", "") => ["status"],
        ("Ingress", "status") => ["spec"],
        (_, "status") => ["metadata", "spec"],
        _ => VersionOf(apiVersion, kind)?["subresources"]?["status"] is null ? [] : ["status"],
    };
}
