using System.Text.Json.Nodes;
using Capstan.ApiServer.Access;
using Capstan.ApiServer.Admission;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry.BuiltIn.Pods;
using Capstan.ApiServer.Storage;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry;

internal sealed partial class Writes
{
    // A generated name that is taken is made anew; after that many the prefix is exhausted or something is wrong.
    private const int MaxNameAttempts = 8;

    // What only the server says of a new object.
    private static readonly string[] SystemFields = ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"];

    /// <summary>POST: stores a new object under its own or a generated name.</summary>
    public ValueTask<ObjectAnswer> CreateAsync(WriteRequest request, Body body)
    {
        var obj = Decoded(request, body);
        var metadata = obj["metadata"]!.AsObject();
        SetNamespace(request, metadata);
        CheckNamespace(request, metadata.Text("name") ?? "");
        request.Served.Rules.Default(obj);
        return CreateNewAsync(request, obj);
    }

    /// <summary>The second half, which a PUT or an apply to a missing object shares: the server's metadata, validation, and the store.</summary>
    private async ValueTask<ObjectAnswer> CreateNewAsync(WriteRequest request, JsonObject obj)
    {
        // A PUT or an apply that creates needs the right to create.
        if (request.Info.Verb != "create")
        {
            authorization.Check(AccessQuestion.Of(request.User, request.Info) with { Verb = "create" });
        }

        var rules = request.Served.Rules;
        var metadata = obj["metadata"]!.AsObject();
        if (request.Served.CreateRefusal is { } refusal)
        {
            throw ApiError.Forbidden(request.Resource, metadata.Text("name") ?? "", refusal);
        }

        foreach (var field in SystemFields)
        {
            metadata.Remove(field);
        }

        Owners.Deduplicate(metadata, request.Warnings, afterAdmission: request.Info.Verb == "patch");

        // What the client wrote is the client's; what the server adds from here on belongs to nobody.
        if (!request.IsApply)
        {
            Track(request, null, obj);
        }

        obj = await AdmitAsync(request, Operations.Create, obj, null);
        metadata = obj["metadata"]!.AsObject();
        SetNamespace(request, metadata);
        rules.Permit(request, obj, null);
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Now();
        if (rules.HasGeneration)
        {
            metadata["generation"] = 1;
        }

        rules.PrepareForCreate(obj);
        var prefix = metadata.Text("generateName");
        var generate = string.IsNullOrEmpty(metadata.Text("name")) && !string.IsNullOrEmpty(prefix);
        for (var attempt = 1; ; attempt++)
        {
            if (generate)
            {
                // 63 characters is the longest name that is valid everywhere.
                metadata["name"] = (prefix!.Length > 58 ? prefix[..58] : prefix) + RandomSuffix();
                rules.Named(obj);
            }

            var candidate = obj.DeepClone().AsObject();
            if (await InsertAsync(request, candidate) is { } answer)
            {
                return answer;
            }

            if (!generate || attempt == MaxNameAttempts)
            {
                throw Taken(request, metadata.Text("name")!);
            }
        }
    }

    private ApiError Taken(WriteRequest request, string name)
    {
        var key = new ObjectKey(request.Served.Type.Namespaced ? request.Info.Namespace : "", name);
        var going = store.Find(request.Served.Bucket, key) is { } other && ObjectJson.Parse(other.Json).Text("metadata", "deletionTimestamp") is not null;
        return ApiError.AlreadyExists(request.Resource, name, going ? "object is being deleted: " : "");
    }

    private async ValueTask<ObjectAnswer?> InsertAsync(WriteRequest request, JsonObject obj)
    {
        var (served, rules) = (request.Served, request.Served.Rules);
        var name = obj.Text("metadata", "name");
        var errors = new List<FieldError>();
        rules.Validate(obj, errors);
        ThrowIfInvalid(served, obj, errors);
        rules.Warn(obj, null, "", request.Warnings);
        TemplateWarnings.Add(served, obj, null, "", request.Warnings);
        rules.Canonicalize(obj);
        await CheckAsync(request, Operations.Create, obj, null);
        var version = obj.Text("metadata", "resourceVersion");
        if (!request.IsApply && version is { Length: > 0 } and not "0")
        {
            throw ApiError.Unknown("resourceVersion should not be set on objects to be created");
        }

        // What an apply says of it shows in a dry run, and nowhere else.
        if (!(request.IsApply && request.Options.DryRun))
        {
            obj["metadata"]!.AsObject().Remove("resourceVersion");
        }

        if (request.Options.DryRun)
        {
            quotas.Check(request, obj, null);
            var key = new ObjectKey(request.Served.Type.Namespaced ? request.Info.Namespace : "", name!);
            return store.Find(served.Bucket, key) is null ? DryRun(201, request, obj, null) : null;
        }

        return quotas.TryPut(request, obj, null, Encode(request, obj), expected: null) is { } stored ? Stored(201, request, stored) : null;
    }
}
