using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.Schemas;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry;

/// <summary>An object seen as an autoscaling/v1 Scale, and changed through it.</summary>
internal static class Scales
{
    public const string ApiVersion = "autoscaling/v1";
    public const string Kind = "Scale";

    /// <summary>The Scale of an object.</summary>
    public static JsonObject Of(ServedResource served, JsonObject obj)
    {
        var paths = served.Scale!;
        var metadata = new JsonObject();
        foreach (var field in (ReadOnlySpan<string>)["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            if (obj.Text("metadata", field) is { } value)
            {
                metadata[field] = value;
            }
        }

        var spec = new JsonObject();
        if (obj.Number([.. paths.SpecReplicas]) is { } replicas and not 0)
        {
            spec["replicas"] = replicas;
        }

        var status = new JsonObject { ["replicas"] = obj.Number([.. paths.StatusReplicas]) ?? 0 };
        if (paths.Selector is { } path && Selector(obj.At([.. path])) is { Length: > 0 } selector)
        {
            status["selector"] = selector;
        }

        return new JsonObject { ["kind"] = Kind, ["apiVersion"] = ApiVersion, ["metadata"] = metadata, ["spec"] = spec, ["status"] = status };
    }

    /// <summary>Makes <paramref name="obj"/> what <paramref name="scale"/> asks for.</summary>
    /// <exception cref="ApiError">422: fewer than none.</exception>
    public static void Set(ServedResource served, JsonObject obj, JsonObject scale)
    {
        var path = served.Scale!.SpecReplicas;
        var replicas = scale.Number("spec", "replicas") ?? 0;
        if (replicas is < 0 or > int.MaxValue)
        {
            var name = scale.Text("metadata", "name");
            var value = replicas.ToString(CultureInfo.InvariantCulture);
            throw served.IsCustom
                ? ApiError.Invalid(served.Type.Group, served.Type.Kind, name, [new(FieldErrorReasons.Invalid, "." + string.Join('.', path), $"Invalid value: {value}: should be a non-negative integer")])
                : ApiError.Invalid("autoscaling", Kind, name, [new(FieldErrorReasons.Invalid, "spec.replicas", $"Invalid value: {value}: must be greater than or equal to 0")]);
        }

        var at = obj;
        foreach (var field in path.SkipLast(1))
        {
            if (at[field] is not JsonObject next)
            {
                at[field] = next = [];
            }

            at = next;
        }

        at[path[^1]] = replicas;
        foreach (var field in (ReadOnlySpan<string>)["resourceVersion", "uid"])
        {
            obj["metadata"]![field] = scale.Text("metadata", field);
        }
    }

    private static string? Selector(JsonNode? node) => node switch
    {
        JsonObject selector => LabelSelector.From(selector).ToString(),
        _ => node.Text(),
    };
}
