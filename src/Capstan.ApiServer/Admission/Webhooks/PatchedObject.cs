using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;
using Capstan.Kinds;
using Capstan.Schemas;

namespace Capstan.ApiServer.Admission.Webhooks;

/// <summary>Reads what a webhook's patch made of an object as if a client had sent it: a patch may do anything.</summary>
internal static class PatchedObject
{
    /// <summary>The object, without unknown fields and with defaults.</summary>
    /// <exception cref="ApiError">500: no object of the kind.</exception>
    public static JsonObject Check(JsonNode patched, AdmissionRequest request, ServedResource served)
    {
        var kind = request.KindIn(served);
        if (patched is not JsonObject obj)
        {
            throw ApiError.Internal($"couldn't get version/kind; json parse error: json: cannot unmarshal {GoTypes.NameOf(patched)} into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}");
        }

        CheckKind(obj, kind, served);
        var isWhole = kind == served.Type.GroupVersionKind;
        var schema = isWhole ? null : BuiltInKinds.SchemaOf(kind);
        var fault = isWhole ? TypeFaults.Of(obj, served) : schema is null ? null : TypeFaults.Of(obj, schema, kind.Kind);
        if (fault is not null)
        {
            throw ApiError.Internal(fault);
        }

        obj["metadata"] ??= new JsonObject();
        if (isWhole)
        {
            served.Rules.Prune(obj, null);
            served.Rules.Default(obj);
        }

        return obj;
    }

    private static void CheckKind(JsonObject obj, GroupVersionKind kind, ServedResource served)
    {
        // What is left out is what it was, but of a custom resource, which is read without a type.
        var (apiVersion, name) = (obj.Text("apiVersion") ?? "", obj.Text("kind") ?? "");
        if (served.IsCustom && (apiVersion.Length == 0 || name.Length == 0))
        {
            throw ApiError.Internal($"Object '{(name.Length == 0 ? "Kind" : "apiVersion")}' is missing in '{ObjectBytes.Text(obj)}'");
        }

        var given = GroupVersionKind.Parse(apiVersion.Length == 0 ? kind.ApiVersion : apiVersion, name.Length == 0 ? kind.Kind : name);
        if (given == kind)
        {
            obj["apiVersion"] = kind.ApiVersion;
            obj["kind"] = kind.Kind;
            return;
        }

        throw BuiltInKinds.SchemaOf(given) is null
            ? ApiError.Internal($"no kind {GoFormat.Quote(given.Kind)} is registered for version {GoFormat.Quote(given.ApiVersion)} in scheme \"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\"")
            : ApiError.Unknown($"converting ({given.Version}.{given.Kind}) to ({(kind.Group.Length == 0 ? "core" : kind.Group.Split('.')[0])}.{kind.Kind}): unknown conversion");
    }
}
