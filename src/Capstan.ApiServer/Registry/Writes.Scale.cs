using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Storage;
using Capstan.Kinds;

namespace Capstan.ApiServer.Registry;

internal sealed partial class Writes
{
    /// <summary>The Scale of an object, for GET.</summary>
    public ObjectAnswer GetScale(ServedResource served, RequestInfo info)
    {
        var stored = store.Find(served.Bucket, info.Key) ?? throw ApiError.NotFound(info.GroupResource, info.Name);
        return new ObjectAnswer(200, null, ObjectBytes.Of(Scales.Of(served, ObjectBytes.Parse(served, stored))));
    }

    /// <summary>PUT of a Scale.</summary>
    public ValueTask<ObjectAnswer> UpdateScaleAsync(WriteRequest request, Body body)
    {
        var scale = body.Value as JsonObject ?? [];
        CheckScale(request, scale, patched: false);
        return ChangeScaleAsync(request, _ => scale);
    }

    /// <summary>PATCH of a Scale.</summary>
    public ValueTask<ObjectAnswer> PatchScaleAsync(WriteRequest request, string type, byte[] body)
    {
        Patch? patch = null;
        return ChangeScaleAsync(request, scale =>
        {
            patch ??= Registry.Patch.Decode(type, body);
            var result = Patched(request, patch, scale, BuiltInKinds.SchemaOf(new("autoscaling", "v1", "Scale"))!);
            CheckScale(request, result, patched: true);
            return result;
        });
    }

    private async ValueTask<ObjectAnswer> ChangeScaleAsync(WriteRequest request, Func<JsonObject, JsonObject> change)
    {
        var answer = await ChangeAsync(
            request,
            old =>
            {
                Scales.Set(request.Served, old, change(Scales.Of(request.Served, old)));
                return old;
            },
            create: null);
        var obj = ObjectJson.Parse(answer.Json);
        return new ObjectAnswer(answer.Code, null, ObjectBytes.Of(Scales.Of(request.Served, obj)));
    }

    private static void CheckScale(WriteRequest request, JsonObject scale, bool patched)
    {
        var kind = scale.Text("kind") is { Length: > 0 } k ? k : Scales.Kind;
        var apiVersion = scale.Text("apiVersion") is { Length: > 0 } v ? v : Scales.ApiVersion;
        if (kind != Scales.Kind || !apiVersion.StartsWith("autoscaling/", StringComparison.Ordinal))
        {
            throw ApiError.BadRequest($"{kind} in version \"v1\" cannot be handled as a Scale: converting (v1.{kind}) to (autoscaling.Scale): unknown conversion");
        }

        var fault = TypeFaults.Of(scale, BuiltInKinds.SchemaOf(new("autoscaling", "v1", "Scale"))!, Scales.Kind);
        if (fault is not null)
        {
            throw patched ? Unfit(scale, fault) : ApiError.BadRequest($"Scale in version \"v1\" cannot be handled as a Scale: {fault}");
        }

        scale["metadata"] ??= new JsonObject();
        CheckName(request, scale);
    }
}
