using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Access;
using Capstan.ApiServer.Admission;
using Capstan.ApiServer.Admission.Quota;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry.BuiltIn;
using Capstan.ApiServer.Storage;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry;

/// <summary>Creates, changes and deletes objects. The steps of each verb stand in its own file; here is what they share.</summary>
/// <remarks>Safe for any number of threads: every write is made from a snapshot and stored only if nothing else was stored meanwhile.</remarks>
internal sealed partial class Writes(
    Store store, Catalogue catalogue, Authorization authorization, BuiltInAdmission builtIn, AdmissionChain admission, QuotaAdmission quotas, TimeProvider clock)
{
    /// <summary>What etcd takes by default.</summary>
    private const int MaxStoredBytes = 1_572_864;

    private static readonly GroupResource Namespaces = new("", "namespaces");

    /// <summary>The parsed body as an object of the served kind, with unknown and repeated fields told or refused as the options say.</summary>
    /// <exception cref="ApiError">400: another kind, or a strict fault.</exception>
    private static JsonObject Decoded(WriteRequest request, Body body)
    {
        var obj = body.Value as JsonObject ?? [];
        CheckKind(request.Served, obj);
        CheckFields(request, body, obj);
        return obj;
    }

    /// <summary>Types, and unknown or repeated fields, of what was sent.</summary>
    private static void CheckFields(WriteRequest request, Body body, JsonObject obj)
    {
        var type = request.Served.Type;
        if (TypeFaults.Of(obj, request.Served) is { } fault)
        {
            throw ApiError.BadRequest($"{type.Kind} in version {GoFormat.Quote(type.Version)} cannot be handled as a {type.Kind}: {fault}");
        }

        var unknown = new List<string>();
        request.Served.Rules.Prune(obj, unknown);
        var unknowns = unknown.Select(u => $"unknown field {GoFormat.Quote(u)}");
        if (request.Options.FieldValidation == FieldValidation.Strict && body.StrictFaults.Concat(unknowns).ToList() is { Count: > 0 } faults)
        {
            throw ApiError.BadRequest($"{type.Kind} in version {GoFormat.Quote(type.Version)} cannot be handled as a {type.Kind}: strict decoding error: {string.Join(", ", faults)}");
        }

        if (request.Options.FieldValidation == FieldValidation.Warn)
        {
            request.Warnings.AddRange(body.Repetitions.Concat(unknowns));
        }
    }

    private static void CheckKind(ServedResource served, JsonObject obj)
    {
        var type = served.Type;
        var kind = obj.Text("kind") is { Length: > 0 } k ? k : type.Kind;
        var apiVersion = obj.Text("apiVersion") is { Length: > 0 } v ? v : type.ApiVersion;
        if (kind != type.Kind || apiVersion != type.ApiVersion)
        {
            var said = GroupVersionKind.Parse(apiVersion, kind);
            var isKnown = served.IsCustom || RegisteredKinds.Has(said);
            if (isKnown && (kind == type.Kind || served.IsCustom) && apiVersion != type.ApiVersion)
            {
                throw ApiError.BadRequest($"the API version in the data ({apiVersion}) does not match the expected API version ({type.ApiVersion})");
            }

            // Another kind of custom resource is found when the object is validated.
            if (!served.IsCustom)
            {
                var why = isKnown
                    ? $"converting ({said.Version}.{kind}) to ({(type.Group.Length == 0 ? "core" : type.Group.Split('.')[0])}.{type.Kind}): unknown conversion"
                    : $"no kind {GoFormat.Quote(kind)} is registered for version {GoFormat.Quote(apiVersion)} in scheme \"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\"";
                throw ApiError.BadRequest($"{kind} in version {GoFormat.Quote(said.Version)} cannot be handled as a {type.Kind}: {why}");
            }
        }

        obj["apiVersion"] = apiVersion;
        obj["kind"] = kind;
        if (obj["metadata"] is null)
        {
            obj["metadata"] = new JsonObject();
        }
    }

    /// <summary>The namespace of the path holds for the object; a cluster-scoped one has none.</summary>
    private static void SetNamespace(WriteRequest request, JsonObject metadata)
    {
        if (!request.Served.Type.Namespaced)
        {
            metadata.Remove("namespace");
            return;
        }

        var given = metadata.Text("namespace");
        if (!string.IsNullOrEmpty(given) && given != request.Info.Namespace)
        {
            throw ApiError.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        metadata["namespace"] = request.Info.Namespace;
    }

    /// <summary>Nothing is created in a namespace that is not there or is going.</summary>
    private void CheckNamespace(WriteRequest request, string name)
    {
        if (!request.Served.Type.Namespaced)
        {
            return;
        }

        var ns = request.Info.Namespace;
        var stored = store.Find(Namespaces, ObjectKey.ClusterScoped(ns)) ?? throw ApiError.NotFound(Namespaces, ns);
        if (ObjectJson.Parse(stored.Json).Text("metadata", "deletionTimestamp") is not null)
        {
            throw ApiError.Forbidden(
                request.Resource,
                name,
                $"unable to create new content in namespace {ns} because it is being terminated",
                new ApiStatusCause { Reason = "NamespaceTerminating", Message = $"namespace {ns} is being terminated", Field = "metadata.namespace" });
        }
    }

    /// <summary>Stores what the server itself made of an object; answers null when somebody else stored it meanwhile.</summary>
    public StoredObject? Replace(WriteRequest request, JsonObject obj, StoredObject expected) => store.TryPut(request.Served.Bucket, Encode(request, obj), expected);

    /// <summary>Makes the bytes to store; refuses what is too large.</summary>
    private static EncodedObject Encode(WriteRequest request, JsonObject obj)
    {
        request.Served.ToStorage(obj);
        EncodedObject encoded;
        try
        {
            encoded = ObjectEncoder.Encode(obj);
        }
        catch (InvalidOperationException)
        {
            // Patch upon patch can nest deeper than any one body; what is stored must be readable again.
            throw ApiError.BadRequest("the object is nested too deeply: exceeded max depth");
        }

        return encoded.Json.Length <= MaxStoredBytes ? encoded : throw ApiError.Unknown("etcdserver: request is too large");
    }

    private static void ThrowIfInvalid(ServedResource served, JsonObject obj, List<FieldError> errors)
    {
        if (errors.Count > 0)
        {
            // What a client calls a custom resource of another kind is also what the answer calls it.
            var kind = served.IsCustom ? GroupVersionKind.Parse(obj.Text("apiVersion")!, obj.Text("kind")!) : served.Type.GroupVersionKind with { Group = served.StorageKind.Group };
            throw ApiError.Invalid(kind.Group, kind.Kind, obj.Text("metadata", "name"), errors);
        }
    }

    private static ObjectAnswer Stored(int code, WriteRequest request, StoredObject stored) =>
        new(code, request.Served, ObjectBytes.InVersion(request.Served, stored));

    /// <summary>What a dry run answers: the object as it would be stored, with the version that it had before, if any.</summary>
    private static ObjectAnswer DryRun(int code, WriteRequest request, JsonObject obj, StoredObject? before)
    {
        var metadata = obj["metadata"]!.AsObject();
        if (before is not null)
        {
            metadata["resourceVersion"] = before.Revision.ToString(CultureInfo.InvariantCulture);
        }

        return new ObjectAnswer(code, request.Served, ObjectBytes.Of(obj));
    }

    private string Now() => KubeTime.Format(clock.GetUtcNow());

    private static string RandomSuffix() => RandomNumberGenerator.GetString("bcdfghjklmnpqrstvwxz2456789", 5);
}
