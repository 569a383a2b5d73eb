using System.Text;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.Patching;
using Capstan.Yaml;

namespace Capstan.ApiServer.Registry;

internal sealed partial class Writes
{
    public const string ApplyType = "application/apply-patch+yaml";

    /// <summary>PATCH by server-side apply: makes or changes the object so that it has what the manager wants, and what others own stays theirs.</summary>
    public ValueTask<ObjectAnswer> ApplyAsync(WriteRequest request, byte[] body)
    {
        var configuration = DecodeConfiguration(request, body);
        return ChangeAsync(
            request with { IsApply = true },
            old => Applied(request, old, configuration),
            () => request.Info.Subresource.Length == 0 || CreatesHere(request)
                ? CreateMissingAsync(request with { IsApply = true }, Applied(request, null, configuration))
                : throw ApiError.NotFound(request.Resource, request.Info.Name));
    }

    private JsonObject Applied(WriteRequest request, JsonObject? old, JsonObject configuration)
    {
        var obj = Merged(request, old, configuration);
        CheckName(request, obj);
        request.Served.Rules.PruneApplied(obj);
        request.Served.Rules.Default(obj);
        return obj;
    }

    /// <summary>What the apply makes of the object, with the types of its values checked.</summary>
    private JsonObject Merged(WriteRequest request, JsonObject? old, JsonObject configuration)
    {
        JsonObject obj;
        try
        {
            obj = ServerSideApply.Apply(old, configuration, request.Served.Schema, ApplyRequestOf(request));
        }
        catch (ApplyConflictException e)
        {
            throw ApiError.Of(409, StatusReasons.Conflict, e.Message, new ApiStatusDetails
            {
                Causes = [.. e.Conflicts.Select(c => new ApiStatusCause { Reason = "FieldManagerConflict", Message = c.Message, Field = c.Field })],
            });
        }
        catch (ApplyTypeException e)
        {
            throw ApiError.Unknown(e.Message);
        }
        catch (PatchException e)
        {
            throw ApiError.BadRequest(e.Message);
        }

        if (request.Served.IsCustom)
        {
            return TypeFaults.Of(obj, request.Served) is { } fault ? throw ApiError.Unknown($"{Unconverted(configuration)}{fault}") : obj;
        }

        return ConversionFaults.Of(obj, request.Served.Schema) is { } misfit
            ? throw ApiError.Unknown($"{Unconverted(configuration)}unable to convert unstructured object to {GroupVersionKindOf(configuration)}: {misfit}")
            : obj;
    }

    private static string Unconverted(JsonObject configuration) => $"failed to convert new object ({NameOf(configuration)}) to proper version: ";

    private static string NameOf(JsonObject configuration) =>
        $"{configuration.Text("metadata", "namespace")}/{configuration.Text("metadata", "name")}; {GroupVersionKindOf(configuration)}";

    // A kind of the core group has a slash where others have their group.
    private static string GroupVersionKindOf(JsonObject configuration)
    {
        var apiVersion = configuration.Text("apiVersion") ?? "";
        return $"{(apiVersion.Contains('/', StringComparison.Ordinal) ? "" : "/")}{apiVersion}, Kind={configuration.Text("kind")}";
    }

    private static JsonObject DecodeConfiguration(WriteRequest request, byte[] body)
    {
        var repeated = new List<string>();
        JsonNode? node;
        try
        {
            node = YamlReader.ReadFirst(Encoding.UTF8.GetString(body), "yaml", repeated);
        }
        catch (YamlFormatException e)
        {
            throw ApiError.BadRequest($"error decoding YAML: error converting YAML to JSON: {YamlFaults.Message(e)}");
        }

        if (repeated.Count > 0 && request.Options.FieldValidation == FieldValidation.Strict)
        {
            throw ApiError.BadRequest($"error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  {string.Join("\n  ", repeated)}");
        }

        if (request.Options.FieldValidation == FieldValidation.Warn)
        {
            request.Warnings.AddRange(repeated);
        }

        if ((node ?? new JsonObject()) is not JsonObject configuration)
        {
            throw ApiError.BadRequest($"error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {GoTypes.NameOf(node)} into Go value of type map[string]interface {{}}");
        }

        CheckConfiguration(request, configuration);
        return configuration;
    }

    private static void CheckConfiguration(WriteRequest request, JsonObject configuration)
    {
        var type = request.Served.Type;
        var (apiVersion, kind) = (configuration.Text("apiVersion") ?? "", configuration.Text("kind") ?? "");
        if (kind != type.Kind || apiVersion != type.ApiVersion)
        {
            throw ApiError.BadRequest($"invalid object type: {GroupVersionKindOf(configuration)}");
        }

        if (configuration["metadata"] is JsonObject metadata)
        {
            if (metadata["managedFields"] is not null)
            {
                throw ApiError.BadRequest("metadata.managedFields must be nil");
            }

            // What the path says need not be repeated.
            metadata["name"] ??= request.Info.Name;
            if (type.Namespaced && metadata["namespace"] is JsonValue given && given.Text() is { Length: > 0 } ns && ns != request.Info.Namespace)
            {
                throw ApiError.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
            }
        }
        else if (configuration["metadata"] is null)
        {
            configuration["metadata"] = new JsonObject { ["name"] = request.Info.Name };
        }
    }
}
