using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry.BuiltIn;
using Capstan.ApiServer.Registry.BuiltIn.Columns;
using Capstan.Kinds;
using Capstan.Schemas;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry;

/// <summary>An object seen as an autoscaling/v1 Scale, and changed through it.</summary>
internal static class Scales
{
    public const string ApiVersion = "autoscaling/v1";

    /// <summary>Stands for "never set" in the Scale of a custom resource that a write starts from.</summary>
    private const long Unset = int.MinValue;

    /// <summary>The kind Scale, which has no objects of its own.</summary>
    public static ServedResource Kind { get; } = MakeKind();

    /// <summary>Whether the number of replicas is set. Built-in kinds have a default.</summary>
    public static bool HasReplicas(ServedResource served, JsonObject obj) => !served.IsCustom || obj.At([.. served.Scale!.SpecReplicas]) is not null;

    /// <summary>The Scale of an object.</summary>
    /// <param name="served">Its resource.</param>
    /// <param name="obj">The object.</param>
    /// <param name="forWriting">Whether it is to be changed: then a number that is not set shows.</param>
    public static JsonObject Of(ServedResource served, JsonObject obj, bool forWriting = false)
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
        var replicas = forWriting && !HasReplicas(served, obj) ? Unset : Number(obj, paths.SpecReplicas);
        if (replicas != 0)
        {
            spec["replicas"] = replicas;
        }

        var status = new JsonObject { ["replicas"] = Number(obj, paths.StatusReplicas) };
        if (paths.Selector is { } path && Selector(obj.At([.. path])) is { Length: > 0 } selector)
        {
            status["selector"] = selector;
        }

        return new JsonObject { ["kind"] = Kind.Type.Kind, ["apiVersion"] = ApiVersion, ["metadata"] = metadata, ["spec"] = spec, ["status"] = status };
    }

    /// <summary>Makes <paramref name="obj"/> what <paramref name="scale"/> asks for.</summary>
    /// <exception cref="ApiError">422: fewer than none; 400: none given; 409: another object is meant.</exception>
    public static void Set(ServedResource served, JsonObject obj, JsonObject scale)
    {
        var path = served.Scale!.SpecReplicas;
        var replicas = scale.Number("spec", "replicas") ?? 0;
        if (served.IsCustom)
        {
            if (replicas == Unset)
            {
                throw ApiError.BadRequest($"the spec replicas field \".{string.Join('.', path)}\" cannot be empty");
            }
        }
        else
        {
            CheckBuiltIn(served, obj, scale, replicas);
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
        var version = scale.Text("metadata", "resourceVersion");
        if (!served.IsCustom || !string.IsNullOrEmpty(version))
        {
            obj["metadata"]!["resourceVersion"] = version;
        }
    }

    private static void CheckBuiltIn(ServedResource served, JsonObject obj, JsonObject scale, long replicas)
    {
        var name = obj.Text("metadata", "name")!;
        var errors = new List<FieldError>();
        MetadataRules.Check(scale, true, Naming.DnsSubdomain, errors);
        if (replicas < 0)
        {
            errors.Add(FieldErrors.Invalid("spec.replicas", replicas, "must be greater than or equal to 0"));
        }

        if (errors.Count > 0)
        {
            throw ApiError.Invalid("autoscaling", Kind.Type.Kind, name, errors);
        }

        if (scale.Text("metadata", "uid") is { Length: > 0 } uid && uid != obj.Text("metadata", "uid"))
        {
            throw ApiError.Conflict(
                new GroupResource(served.Type.Group, $"{served.Type.Plural}/scale"), name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {obj.Text("metadata", "uid")}");
        }
    }

    /// <exception cref="ApiError">500: what stands there is no whole number.</exception>
    private static long Number(JsonObject obj, IReadOnlyList<string> path)
    {
        var value = obj.At([.. path]);
        return value is null ? 0 : value.Number() ?? throw ApiError.Unknown(
            $".{string.Join('.', path)} accessor error: {GoFormat.Value(value)} is of the type {GoTypes.NameOf(value)}, expected int64");
    }

    private static string? Selector(JsonNode? node) => node switch
    {
        JsonObject selector => LabelSelector.From(selector).ToString(),
        _ => node.Text(),
    };

    private static ServedResource MakeKind()
    {
        var type = new ResourceType("autoscaling", "v1", "Scale", "scales", Namespaced: true);
        var schema = BuiltInKinds.SchemaOf(type.GroupVersionKind)!;
        return new()
        {
            Type = type,
            Singular = "scale",
            ListKind = "",
            Schema = schema,
            Rules = new BuiltInRules(type, schema, hasStatus: false),
            Columns =
            [
                Column.Name with { Format = "" },
                Column.Number("Desired", "Replicas that are wanted.", scale => scale.Number("spec", "replicas") ?? 0),
                Column.Number("Available", "Replicas that were seen last.", scale => scale.Number("status", "replicas") ?? 0),
                Column.Age,
            ],
            StorageKind = type.GroupVersionKind,
        };
    }
}
