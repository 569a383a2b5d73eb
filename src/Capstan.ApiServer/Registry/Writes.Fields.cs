using System.Text.Json.Nodes;
using Capstan.Kinds;
using Capstan.Patching;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry;

internal sealed partial class Writes
{
    /// <summary>Keeps the record of who owns which field: the manager comes to own what it changed.</summary>
    private void Track(WriteRequest request, JsonObject? before, JsonObject after) =>
        ManagedFields.TrackUpdate(before, after, request.Served.Schema, ApplyRequestOf(request));

    /// <summary>A review as it was sent: checked for its kind and its fields, defaulted.</summary>
    public JsonObject Reviewed(WriteRequest request, Body body)
    {
        var obj = Decoded(request, body);
        if (request.Served.Type.Namespaced)
        {
            SetNamespace(request, obj["metadata"]!.AsObject());
        }

        request.Served.Rules.Default(obj);
        return obj;
    }

    /// <summary>Notes the client as owner of all that it sent, in an object that is answered and not stored.</summary>
    public void Own(WriteRequest request, JsonObject obj, string? apiVersion = null)
    {
        var kind = GroupVersionKind.Parse(apiVersion ?? request.Served.Type.ApiVersion, obj.Text("kind")!);
        var schema = BuiltInKinds.SchemaOf(kind) ?? request.Served.Schema;
        ManagedFields.TrackUpdate(null, obj, schema, ApplyRequestOf(request) with { ApiVersion = kind.ApiVersion });
    }

    private ApplyRequest ApplyRequestOf(WriteRequest request)
    {
        var type = request.Served.Type;
        return new ApplyRequest(request.Options.FieldManager, type.ApiVersion, request.Info.Subresource, request.Options.Force, clock.GetUtcNow())
        {
            ResetFields = ResetFields(request),
            SchemaOfVersion = apiVersion => SchemaOf(request.Served, apiVersion),
        };
    }

    private Schema? SchemaOf(ServedResource served, string apiVersion)
    {
        if (served.Declared is { } declared)
        {
            return declared.GetValueOrDefault(apiVersion)?.Schema;
        }

        var type = served.Type;
        var kind = GroupVersionKind.Parse(apiVersion, type.Kind);
        return catalogue.Find(kind.Group, kind.Version, type.Plural)?.Schema;
    }

    /// <summary>What this endpoint does not write, so that nobody comes to own it here.</summary>
    private static IReadOnlyList<string> ResetFields(WriteRequest request) => request.Info.Subresource switch
    {
        "status" => request.Served.Rules.NotOwnedByStatus,
        _ => request.Served.HasStatus ? ["status"] : [],
    };
}
