using System.Text.Json;
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
                var obj = Patched(request, patch, old);
                if (patch.Type == StrategicPatchType)
                {
                    // Such a patch is laid over an object whose kind is known, and cannot make another of it.
                    (obj["apiVersion"], obj["kind"]) = (request.Served.Type.ApiVersion, request.Served.Type.Kind);
                    obj["metadata"] ??= new JsonObject();
                }
                else
                {
                    CheckPatchedKind(request, patch, obj);
                }

                CheckPatched(request, patch, obj, old);
                CheckName(request, obj);
                request.Served.Rules.Default(obj);
                return obj;
            },
            create: null);
    }

    private static JsonObject Patched(WriteRequest request, Patch patch, JsonObject old)
    {
        JsonNode? result;
        try
        {
            result = patch.Type switch
            {
                JsonPatchType => JsonPatch.Apply(old, patch.Value.AsArray()),
                MergePatchType => MergePatch.Apply(old, patch.Value.AsObject()),
                _ => StrategicMergePatch.Apply(old, patch.Value.AsObject(), request.Served.Schema),
            };
        }
        catch (PatchException e)
        {
            throw Refusal(patch, e.Message);
        }

        return result as JsonObject ?? throw Unfit(
            GoFormat.Json(result), $"json: cannot unmarshal {GoTypes.NameOf(result)} into Go value of type v1.{request.Served.Type.Kind}");
    }

    private static ApiError Refusal(Patch patch, string why)
    {
        var unprocessable = ApiError.Of(422, StatusReasons.Invalid, "the server rejected our request due to an error in our request", new ApiStatusDetails());
        return patch.Type switch
        {
            JsonPatchType => patch.Value is JsonArray { Count: > JsonPatch.MaxOperations } ? ApiError.TooLarge($"Request entity too large: {why}") : unprocessable,
            MergePatchType => ApiError.BadRequest(why),
            _ when why.StartsWith("invalid patch format of", StringComparison.Ordinal) => ApiError.BadRequest(why),
            _ when why == "lists of lists are not supported" => unprocessable,
            // Kubernetes takes all other faults of such a patch for its own.
            _ => ApiError.Unknown(why),
        };
    }

    private static void CheckPatchedKind(WriteRequest request, Patch patch, JsonObject obj)
    {
        if (request.Served.IsCustom)
        {
            CheckPatchedCustomKind(patch, obj);
            return;
        }

        try
        {
            CheckKind(request.Served, obj);
        }
        catch (ApiError e)
        {
            // What a body is refused for is here a fault of the object that the patch made, which is quoted.
            var said = e.Status.Message!;
            var why = said.IndexOf($" cannot be handled as a {request.Served.Type.Kind}: ", StringComparison.Ordinal) is > 0 and var at
                ? said[(said.IndexOf(": ", at, StringComparison.Ordinal) + 2)..]
                : said;
            PatchedOrder.Sort(obj, patch, isCustom: false);
            throw Unfit(Quotable(obj), why);
        }
    }

    // That it is another kind is found when the object is validated.
    private static void CheckPatchedCustomKind(Patch patch, JsonObject obj)
    {
        if (obj["kind"] is null or JsonValue && obj.Text("kind") is null or "")
        {
            PatchedOrder.Sort(obj, patch, isCustom: true);
            var text = Quotable(obj);
            throw Unfit(text, obj["kind"] is { } kind && kind.GetValueKind() != JsonValueKind.String
                ? $"couldn't get version/kind; json parse error: json: cannot unmarshal {GoTypes.NameOf(kind)} into Go struct field .kind of type string"
                : $"Object 'Kind' is missing in '{text}'");
        }

        if (obj["apiVersion"] is null || obj.Text("apiVersion") is "")
        {
            throw ApiError.Internal("Object 'apiVersion' is missing in 'object has no apiVersion field'");
        }

        obj["metadata"] ??= new JsonObject();
    }

    /// <summary>Types, and unknown or repeated fields, of what a patch made.</summary>
    private static void CheckPatched(WriteRequest request, Patch patch, JsonObject obj, JsonObject old)
    {
        var isStrategic = patch.Type == StrategicPatchType;
        if (!isStrategic)
        {
            PatchedOrder.Sort(obj, patch, request.Served.IsCustom);
        }

        var shown = new Lazy<string>(isStrategic ? () => GoFormat.Plain(WithoutLostNulls(patch.Value.AsObject(), old)) : () => Quotable(obj));
        var fault = isStrategic ? ConversionFaults.Of(obj, request.Served.Schema) : TypeFaults.Of(obj, request.Served);
        if (fault is not null)
        {
            throw Unfit(shown.Value, fault);
        }

        if (request.Options.FieldValidation == FieldValidation.Strict)
        {
            // What is quoted has the unknown fields, which are gone afterwards.
            _ = shown.Value;
        }

        var unknown = new List<string>();
        request.Served.Rules.Prune(obj, unknown);
        if (isStrategic)
        {
            unknown.Sort(StringComparer.Ordinal);
        }

        var faults = patch.Faults.Concat(unknown.Select(u => $"unknown field {GoFormat.Quote(u)}")).ToList();
        if (faults.Count > 0 && request.Options.FieldValidation == FieldValidation.Strict)
        {
            throw Unfit(shown.Value, $"strict decoding error: {string.Join(", ", faults)}");
        }

        if (request.Options.FieldValidation == FieldValidation.Warn)
        {
            request.Warnings.AddRange(faults);
        }
    }

    // Where the object had nothing the patch itself becomes a part of it, so nulls are gone from what is quoted.
    private static JsonObject WithoutLostNulls(JsonObject patch, JsonObject old)
    {
        var shown = new JsonObject();
        foreach (var (name, value) in patch)
        {
            shown[name] = value is not JsonObject fields ? value?.DeepClone()
                : old[name] is JsonObject below ? WithoutLostNulls(fields, below)
                : WithoutNulls(fields);
        }

        return shown;
    }

    private static JsonObject WithoutNulls(JsonObject fields)
    {
        var kept = fields.DeepClone().AsObject();
        Pruning.DropNulls(kept);
        return kept;
    }

    // Go writes the characters of HTML as escapes.
    private static string Quotable(JsonObject obj) => ObjectBytes.Text(obj)
        .Replace("<", "\\u003c", StringComparison.Ordinal).Replace(">", "\\u003e", StringComparison.Ordinal).Replace("&", "\\u0026", StringComparison.Ordinal);

    private static ApiError Unfit(string patched, string why) => ApiError.Invalid("", "", null, [FieldErrors.Invalid("patch", patched, why)]);
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
            throw ApiError.BadRequest($"{(type == Writes.StrategicPatchType ? "" : "error decoding patch: ")}{e.Message}");
        }

        if (type == Writes.JsonPatchType)
        {
            var operations = value as JsonArray ?? throw ApiError.BadRequest($"error decoding patch: json: cannot unmarshal {GoTypes.NameOf(value)} into Go value of type []handlers.jsonPatchOp");
            if (operations.FirstOrDefault(o => o is not JsonObject) is { } other)
            {
                throw ApiError.BadRequest($"error decoding patch: json: cannot unmarshal {GoTypes.NameOf(other)} into Go value of type handlers.jsonPatchOp");
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
