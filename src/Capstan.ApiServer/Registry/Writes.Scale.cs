using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Storage;
using Capstan.Patching;

namespace Capstan.ApiServer.Registry;

internal sealed partial class Writes
{
    /// <summary>The Scale of an object, for GET.</summary>
    public ObjectAnswer GetScale(ServedResource served, RequestInfo info)
    {
        var stored = store.Find(served.Bucket, info.Key) ?? throw ApiError.NotFound(info.GroupResource, info.Name);
        var obj = ObjectBytes.Parse(served, stored);
        return Scales.HasReplicas(served, obj)
            ? new ObjectAnswer(200, Scales.Kind, ObjectBytes.Of(Scales.Of(served, obj)))
            : throw ApiError.Internal($"the spec replicas field \".{string.Join('.', served.Scale!.SpecReplicas)}\" does not exist");
    }

    /// <summary>PUT of a Scale.</summary>
    public ValueTask<ObjectAnswer> UpdateScaleAsync(WriteRequest request, Body body)
    {
        var asScale = request with { Served = Scales.Kind };
        var scale = DecodedScale(asScale, body);
        return ChangeScaleAsync(request, old => scale.Text("metadata", "uid") is { Length: > 0 } uid && uid != old.Text("metadata", "uid")
            ? throw WrongUid(request, uid, old.Text("metadata", "uid")!)
            : Written(asScale, old, scale.DeepClone().AsObject()));
    }

    /// <summary>PATCH of a Scale, other than by apply.</summary>
    public ValueTask<ObjectAnswer> PatchScaleAsync(WriteRequest request, string type, byte[] body)
    {
        var asScale = request with { Served = Scales.Kind };
        Patch? patch = null;
        return ChangeScaleAsync(request, old =>
        {
            patch ??= Registry.Patch.Decode(type, body);
            var scale = Patched(asScale, patch, old);
            CheckScaleKind(scale);
            scale["metadata"] ??= new JsonObject();
            CheckPatched(asScale, patch, scale, old);
            return Written(asScale, old, scale);
        });
    }

    /// <summary>PATCH of a Scale by server-side apply.</summary>
    public ValueTask<ObjectAnswer> ApplyScaleAsync(WriteRequest request, byte[] body)
    {
        var asScale = request with { Served = Scales.Kind };
        var configuration = DecodeConfiguration(asScale, body);
        return ChangeScaleAsync(request, old =>
        {
            // A fault of Kubernetes: it looks for the Scale among the versions of the custom resource.
            var missing = $"to proper version: request to convert CR to an invalid group/version: {Scales.ApiVersion}";
            if (request.Served.IsCustom && old.At("metadata", "managedFields") is null)
            {
                throw ApiError.Unknown($"failed to create manager for existing fields: failed to convert live object (/; {Scales.ApiVersion}, Kind=Scale) {missing}");
            }

            var scale = Merged(asScale, old, configuration);
            return request.Served.IsCustom && !JsonNode.DeepEquals(Unowned(scale), Unowned(old))
                ? throw ApiError.Unknown($"failed to convert new object ({NameOf(configuration)}) {missing}")
                : scale;
        });
    }

    private async ValueTask<ObjectAnswer> ChangeScaleAsync(WriteRequest request, Func<JsonObject, JsonObject> change)
    {
        var served = request.Served;
        var paths = ReplicasPaths(served);
        var answer = await ChangeAsync(
            request,
            obj =>
            {
                var metadata = obj["metadata"]!.AsObject();
                var old = Scales.Of(served, obj, forWriting: true);
                Set(old["metadata"]!.AsObject(), ScaleOwnership.ToScale(metadata["managedFields"], paths));
                var scale = change(old);
                Scales.Set(served, obj, scale);
                Set(metadata, ScaleOwnership.ToParent(metadata["managedFields"], scale.At("metadata", "managedFields"), paths, served.Type.ApiVersion));
                return obj;
            },
            create: null);
        return new ObjectAnswer(answer.Code, null, ObjectBytes.Of(Scales.Of(served, ObjectJson.Parse(answer.Json))));
    }

    /// <summary>A Scale that was sent or patched, with its name checked and the record of who owns the number.</summary>
    private JsonObject Written(WriteRequest request, JsonObject old, JsonObject scale)
    {
        CheckName(request, scale);
        request.Served.Rules.Default(scale);
        Track(request, old, scale);
        return scale;
    }

    private static JsonObject DecodedScale(WriteRequest request, Body body)
    {
        var scale = body.Value as JsonObject ?? [];
        CheckScaleKind(scale);
        scale["metadata"] ??= new JsonObject();
        CheckFields(request, body, scale);
        return scale;
    }

    private static void CheckScaleKind(JsonObject scale)
    {
        var kind = scale.Text("kind") is { Length: > 0 } k ? k : Scales.Kind.Type.Kind;
        var apiVersion = scale.Text("apiVersion") is { Length: > 0 } v ? v : Scales.ApiVersion;
        if (kind != Scales.Kind.Type.Kind || !apiVersion.StartsWith("autoscaling/", StringComparison.Ordinal))
        {
            throw ApiError.BadRequest($"{kind} in version \"v1\" cannot be handled as a Scale: converting (v1.{kind}) to (autoscaling.Scale): unknown conversion");
        }
    }

    private Dictionary<string, IReadOnlyList<string>?> ReplicasPaths(ServedResource served) =>
        served.Declared?.ToDictionary(v => v.Key, v => v.Value.Scale?.SpecReplicas)
        ?? new Dictionary<string, IReadOnlyList<string>?> { [served.Type.ApiVersion] = served.Scale!.SpecReplicas };

    private static JsonObject Unowned(JsonObject obj)
    {
        var copy = obj.DeepClone().AsObject();
        (copy["metadata"] as JsonObject)?.Remove("managedFields");
        return copy;
    }

    private static void Set(JsonObject metadata, JsonArray? managedFields)
    {
        if (managedFields is null)
        {
            metadata.Remove("managedFields");
        }
        else
        {
            metadata["managedFields"] = managedFields;
        }
    }
}
