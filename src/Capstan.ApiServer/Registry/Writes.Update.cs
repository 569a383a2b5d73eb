using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Admission;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry.BuiltIn.Pods;
using Capstan.ApiServer.Storage;
using Capstan.Patching;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry;

internal sealed partial class Writes
{
    /// <summary>PUT: replaces an object, or the part of it that a subresource stands for.</summary>
    public ValueTask<ObjectAnswer> UpdateAsync(WriteRequest request, Body body)
    {
        var sent = Decoded(request, body);
        CheckName(request, sent);
        request.Served.Rules.Default(sent);
        Func<ValueTask<ObjectAnswer>>? create = CreatesHere(request)
            ? () => CreateMissingAsync(request, sent.DeepClone().AsObject())
            : null;
        return ChangeAsync(request, _ => sent.DeepClone().AsObject(), create);
    }

    /// <summary>Name and namespace in the body must be those of the path.</summary>
    private static void CheckName(WriteRequest request, JsonObject obj)
    {
        var metadata = obj["metadata"] as JsonObject ?? [];
        var name = metadata.Text("name");
        if (string.IsNullOrEmpty(name))
        {
            throw ApiError.BadRequest($"the name of the object ({request.Info.Name} based on URL) was undeterminable: name must be provided");
        }

        if (name != request.Info.Name)
        {
            throw ApiError.BadRequest($"the name of the object ({name}) does not match the name on the URL ({request.Info.Name})");
        }

        SetNamespace(request, metadata);
    }

    // A kind that an update may create can be created through its status too.
    private static bool CreatesHere(WriteRequest request) => request.Served.Rules.AllowsCreateOnUpdate && request.Info.Subresource is ("" or "status");

    private ValueTask<ObjectAnswer> CreateMissingAsync(WriteRequest request, JsonObject obj)
    {
        var metadata = obj["metadata"]!.AsObject();
        if (metadata.Text("uid") is { Length: > 0 } uid)
        {
            throw request.IsApply
                ? ApiError.Conflict(request.Resource, request.Info.Name, $"uid mismatch: the provided object specified uid {uid}, and no existing object was found")
                : WrongUid(request, uid, "");
        }

        if (!request.IsApply)
        {
            metadata.Remove("resourceVersion");
        }

        CheckNamespace(request, request.Info.Name);
        return CreateNewAsync(request, obj);
    }

    /// <summary>Changes the object of the path: reads it, lets <paramref name="change"/> make the new one from a copy of it, prepares, validates and stores that.
    /// A change that somebody else's write overtook is made again, unless it is tied to a version.</summary>
    private async ValueTask<ObjectAnswer> ChangeAsync(WriteRequest request, Func<JsonObject, JsonObject> change, Func<ValueTask<ObjectAnswer>>? create)
    {
        while (true)
        {
            var stored = store.Find(request.Served.Bucket, request.Key);
            if (stored is null)
            {
                try
                {
                    return create is null ? throw ApiError.NotFound(request.Resource, request.Info.Name) : await create();
                }
                catch (ApiError e) when (create is not null && e.Status.Reason == StatusReasons.AlreadyExists)
                {
                    // Somebody was quicker: now it is there to be changed.
                    continue;
                }
            }

            // Warnings of an attempt that comes to nothing are not told twice.
            var warnings = request.Warnings.Count;
            if (await TryChangeAsync(request, stored, change) is { } answer)
            {
                return answer;
            }

            request.Warnings.RemoveRange(warnings, request.Warnings.Count - warnings);
        }
    }

    private async ValueTask<ObjectAnswer?> TryChangeAsync(WriteRequest request, StoredObject stored, Func<JsonObject, JsonObject> change)
    {
        var (served, rules) = (request.Served, request.Served.Rules);
        var old = ObjectBytes.Parse(served, stored);
        var obj = change(old.DeepClone().AsObject());
        var metadata = obj["metadata"]!.AsObject();

        // 1. Is it still the object that the client means?
        if (request.Info.Verb == "update" && metadata.Text("uid") is { Length: > 0 } uid && uid != stored.Uid)
        {
            throw WrongUid(request, uid, stored.Uid);
        }

        // 2. The client owns what it changed. Admission may change more, which nobody owns, and which nobody may write who could not.
        if (!request.IsApply && request.Info.Subresource != "scale")
        {
            Track(request, old, obj);
        }

        obj = await AdmitAsync(request, Operations.Update, obj, old);
        metadata = obj["metadata"]!.AsObject();
        SetNamespace(request, metadata);
        rules.Permit(request, obj, old);

        // 3. Is it the version that the client means? What only the server writes stays.
        CheckVersion(request, metadata, stored);
        var before = old["metadata"]!.AsObject();
        KeepSystemFields(metadata, before);
        Owners.Deduplicate(metadata, request.Warnings, afterAdmission: request.Info.Verb == "patch");
        rules.PrepareForUpdate(obj, old, request.Info.Subresource);
        metadata = obj["metadata"]!.AsObject();

        // A Deployment's annotations count as what it asks for, but not where a controller notes its revision: beside the status.
        if (request.Info.Subresource != "status" && rules.DesiredStateChanged(obj, old))
        {
            metadata["generation"] = (before.Number("generation") ?? 0) + 1;
        }

        // 4. Valid?
        var errors = new List<FieldError>();
        MetadataRules.CheckCommon(metadata, served.Type.Namespaced, errors);
        MetadataRules.CheckUpdate(obj, old, errors);
        rules.ValidateUpdate(obj, old, request.Info.Subresource, errors, request.Warnings);
        ThrowIfInvalid(served, obj, errors);
        rules.Warn(obj, old, request.Info.Subresource, request.Warnings);
        TemplateWarnings.Add(served, obj, old, request.Info.Subresource, request.Warnings);
        rules.Canonicalize(obj);
        await CheckAsync(request, Operations.Update, obj, old);

        // 5. A change that changes nothing is none: no new version, no event.
        ManagedFields.KeepTimes(old, obj);
        if (JsonNode.DeepEquals(obj, old) && ObjectBytes.IsCurrent(served, stored))
        {
            return Stored(200, request, stored);
        }

        if (request.Options.DryRun)
        {
            quotas.Check(request, obj, old);
            return DryRun(200, request, obj, stored);
        }

        // 6. The last finalizer of a deleted object gone: so is the object; its writer is told no new version, only watches are.
        if (IsReleased(served, obj))
        {
            return store.TryRemove(served.Bucket, stored) is not null ? new ObjectAnswer(200, served, WithVersion(obj, stored.Revision)) : null;
        }

        return quotas.TryPut(request, obj, old, Encode(request, obj), stored) is { } written ? Stored(200, request, written) : null;
    }

    private static void KeepSystemFields(JsonObject metadata, JsonObject before)
    {
        metadata.Remove("selfLink");
        Restore(metadata, before, "creationTimestamp");
        Restore(metadata, before, "generation");
        metadata["uid"] ??= before["uid"]?.DeepClone();

        // Once it is being deleted nobody changes when; before that, saying so is a fault that validation finds.
        if (before["deletionTimestamp"] is not null)
        {
            Restore(metadata, before, "deletionTimestamp");
            Restore(metadata, before, "deletionGracePeriodSeconds");
        }
    }

    private static void CheckVersion(WriteRequest request, JsonObject metadata, StoredObject stored)
    {
        var version = metadata.Text("resourceVersion") ?? "";
        var current = stored.Revision.ToString(CultureInfo.InvariantCulture);
        if (version is "" or "0")
        {
            if (!request.Served.Rules.AllowsUnconditionalUpdate && request.Info.Subresource != "scale")
            {
                throw ApiError.Invalid(
                    request.Resource.Group,
                    request.Resource.Resource,
                    request.Info.Name,
                    [new(FieldErrorReasons.Invalid, "metadata.resourceVersion", "Invalid value: 0: must be specified for an update")]);
            }

            metadata["resourceVersion"] = current;
            return;
        }

        if (!version.All(char.IsAsciiDigit))
        {
            throw ApiError.Unknown($"strconv.ParseUint: parsing {GoFormat.Quote(version)}: invalid syntax");
        }

        if (version != current)
        {
            throw ApiError.Modified(request.Resource, request.Info.Name);
        }
    }

    private static ApiError WrongUid(WriteRequest request, string given, string actual)
    {
        var type = request.Served.Type;
        var root = request.Served.IsCustom ? $"{type.Group}/{type.Plural}" : type.Plural;
        var key = $"/registry/{root}/{(type.Namespaced ? request.Info.Namespace + "/" : "")}{request.Info.Name}";
        return ApiError.Conflict(
            request.Resource,
            request.Info.Name,
            $"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {given}, UID in object meta: {actual}");
    }

    /// <summary>Whether an object that is being deleted is held by nothing any more.</summary>
    private static bool IsReleased(ServedResource served, JsonObject obj) =>
        obj.Text("metadata", "deletionTimestamp") is not null
        && obj.Items("metadata", "finalizers").Count == 0
        && obj.Number("metadata", "deletionGracePeriodSeconds") is null or 0
        && (served.Bucket != Namespaces || obj.Items("spec", "finalizers").Count == 0);

    private static byte[] WithVersion(JsonObject obj, long revision)
    {
        obj["metadata"]!["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture);
        return ObjectBytes.Of(obj);
    }

    private static void Restore(JsonObject metadata, JsonObject before, string field)
    {
        if (before[field] is { } value)
        {
            metadata[field] = value.DeepClone();
        }
        else
        {
            metadata.Remove(field);
        }
    }
}
