using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.Patching;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry;

internal sealed partial class Writes
{
    public const string JsonPatchType = "application/json-patch+json";
    public const string MergePatchType = "application/merge-patch+json";
    public const string StrategicPatchType = "application/strategic-merge-patch+json";

    /// <summary>PATCH with a JSON patch, a merge patch or a strategic merge patch.</summary>
    public ValueTask<ObjectAnswer> PatchAsync(WriteRequest request, string type, byte[] body)
    {
        // The object is looked up first: a broken patch of a missing object is a missing object.
        Patch? patch = null;
        return ChangeAsync(
            request,
            old =>
            {
                patch ??= Registry.Patch.Decode(type, body);
                var obj = Patched(request, patch, old, request.Served.Schema);
                CheckKind(request.Served, obj);
                CheckPatched(request, patch, obj);
                CheckName(request, obj);
                request.Served.Rules.Default(obj);
                return obj;
            },
            create: null);
    }

    private static JsonObject Patched(WriteRequest request, Patch patch, JsonObject old, Schema schema)
    {
        JsonNode? result;
        try
        {
            result = patch.Type switch
            {
                JsonPatchType => JsonPatch.Apply(old, patch.Value.AsArray()),
                MergePatchType => MergePatch.Apply(old, patch.Value.AsObject()),
                _ => StrategicMergePatch.Apply(old, patch.Value.AsObject(), schema),
            };
        }
        catch (PatchException e) when (patch.Type == JsonPatchType)
        {
            throw patch.Value is JsonArray { Count: > JsonPatch.MaxOperations }
                ? ApiError.TooLarge($"Request entity too large: {e.Message}")
                : ApiError.Of(422, StatusReasons.Invalid, "the server rejected our request due to an error in our request", new ApiStatusDetails());
        }
        catch (PatchException e)
        {
            // Kubernetes takes a contradiction within the patch for a fault of its own.
            throw e.Message.StartsWith("The order in patch list", StringComparison.Ordinal) ? ApiError.Unknown(e.Message) : ApiError.BadRequest(e.Message);
        }

        return result as JsonObject ?? throw Unfit(result, $"json: cannot unmarshal {GoTypes.NameOf(result)} into Go value of type v1.{request.Served.Type.Kind}");
    }

    /// <summary>Types, and unknown or repeated fields, of what a patch made.</summary>
    private static void CheckPatched(WriteRequest request, Patch patch, JsonObject obj)
    {
        if (TypeFaults.Of(obj, request.Served) is { } fault)
        {
            throw Unfit(obj, fault);
        }

        var unknown = new List<string>();
        var shown = request.Options.FieldValidation == FieldValidation.Strict ? obj.DeepClone() : null;
        request.Served.Rules.Prune(obj, unknown);
        var faults = patch.Faults.Concat(unknown.Select(u => $"unknown field {GoFormat.Quote(u)}")).ToList();
        if (faults.Count > 0 && shown is not null)
        {
            throw Unfit(shown, $"strict decoding error: {string.Join(", ", faults)}");
        }

        if (request.Options.FieldValidation == FieldValidation.Warn)
        {
            request.Warnings.AddRange(faults);
        }
    }

    private static ApiError Unfit(JsonNode? result, string why)
    {
        var text = result is null ? "null" : System.Text.Encoding.UTF8.GetString(ObjectBytes.Of(result));
        return ApiError.Invalid("", "", null, [new(FieldErrorReasons.Invalid, "patch", $"Invalid value: {GoFormat.Quote(text)}: {why}")]);
    }
}

/// <summary>A patch as it was sent.</summary>
/// <param name="Type">Its content type.</param>
/// <param name="Value">Operations of a JSON patch, or fields of the others.</param>
/// <param name="Faults">Fields that are repeated, or that no operation has, in Kubernetes' words.</param>
internal sealed record Patch(string Type, JsonNode Value, IReadOnlyList<string> Faults)
{
    private static readonly string[] OperationFields = ["op", "path", "from", "value"];

    /// <exception cref="ApiError">400: no patch of this type.</exception>
    public static Patch Decode(string type, byte[] body)
    {
        JsonNode? value;
        var duplicates = new List<string>();
        try
        {
            value = JsonDecoder.Decode(body, duplicates);
        }
        catch (FormatException e)
        {
            throw ApiError.BadRequest($"error decoding patch: {e.Message}");
        }

        if (type == Writes.JsonPatchType)
        {
            var operations = value as JsonArray ?? throw ApiError.BadRequest($"error decoding patch: json: cannot unmarshal {GoTypes.NameOf(value)} into Go value of type jsonpatch.Patch");
            if (operations.FirstOrDefault(o => o is not JsonObject) is { } other)
            {
                throw ApiError.BadRequest($"error decoding patch: json: cannot unmarshal {GoTypes.NameOf(other)} into Go value of type jsonpatch.Operation");
            }

            var unknown = operations.SelectMany((operation, i) => (operation as JsonObject ?? []).Where(f => !OperationFields.Contains(f.Key)).Select(f => $"[{i}].{f.Key}"));
            return new Patch(
                type,
                operations,
                [.. duplicates.Select(d => $"json patch duplicate field {GoFormat.Quote(d)}"), .. unknown.Select(u => $"json patch unknown field {GoFormat.Quote(u)}")]);
        }

        if (value is null && type == Writes.MergePatchType)
        {
            throw ApiError.BadRequest("Invalid JSON Patch");
        }

        return value is JsonObject or null
            ? new Patch(type, value ?? new JsonObject(), [.. duplicates.Select(d => $"duplicate field {GoFormat.Quote(d)}")])
            : throw ApiError.BadRequest($"error decoding patch: json: cannot unmarshal {GoTypes.NameOf(value)} into Go value of type map[string]interface {{}}");
    }
}
