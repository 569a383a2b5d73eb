using System.Text.Json.Nodes;
using Capstan.ApiServer.Access.Tokens;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;
using Capstan.Schemas;

namespace Capstan.ApiServer.Access.Reviews;

/// <summary>Gives tokens out and says whose they are.</summary>
internal sealed class TokenReviews(Store store, AccountTokens tokens, TimeProvider clock)
{
    private const long DefaultSeconds = 3600;
    private const long LeastSeconds = 600;

    private static readonly GroupResource Accounts = new("", "serviceaccounts");
    private static readonly GroupResource Namespaces = new("", "namespaces");

    // What is sent to serviceaccounts/NAME/token is an object of its own kind.
    private static readonly ServedResource Requests = RequestsOf(new("authentication.k8s.io", "v1", "TokenRequest", "serviceaccounts", Namespaced: true));

    /// <exception cref="ApiError">400: there is no token.</exception>
    public static void Check(JsonObject review)
    {
        if (string.IsNullOrEmpty(review.Text("spec", "token")))
        {
            throw ApiError.BadRequest("token is required for TokenReview in authentication");
        }
    }

    /// <summary>Writes the verdict into a TokenReview that was checked.</summary>
    public void Review(JsonObject review)
    {
        var token = review.Text("spec", "token")!;
        (review["metadata"] as JsonObject)?.Remove("namespace");
        var wanted = review.Items("spec", "audiences").Select(a => a.Text() ?? "").ToList();
        var expected = wanted.Count > 0 ? wanted : AccountTokens.DefaultAudiences;

        // Spaces alone are no token, and who has none is nobody in particular.
        var (user, audiences, error) = string.IsNullOrWhiteSpace(token) ? (UserInfo.Anonymous, expected, "") : tokens.Verify(token, expected);
        review["status"] = user is null
            ? new JsonObject { ["user"] = new JsonObject(), ["error"] = error.Length == 0 ? "invalid bearer token" : $"[invalid bearer token, {error}]" }
            : new JsonObject { ["authenticated"] = true, ["user"] = Reviews.UserOf(user), ["audiences"] = Reviews.Texts(audiences) };
    }

    /// <summary>A TokenRequest with its token.</summary>
    public async ValueTask<JsonObject> IssueAsync(WriteRequest request, Body body, Writes writes)
    {
        var answer = writes.Reviewed(request with { Served = Requests }, body);
        Default(answer);
        writes.Own(request, answer, "authentication.k8s.io/v1");
        answer = await writes.AdmitSentAsync(request, answer);
        var spec = Default(answer);
        _ = store.Find(Namespaces, ObjectKey.ClusterScoped(request.Info.Namespace)) ?? throw ApiError.NotFound(Namespaces, request.Info.Namespace);
        var account = store.Find(Accounts, request.Key) ?? throw ApiError.NotFound(Accounts, request.Info.Name);
        var metadata = answer["metadata"]!.AsObject();
        if (metadata.Text("name") is { Length: > 0 } name && name != request.Info.Name)
        {
            throw Invalid(request, FieldErrors.Invalid("metadata.name", name, "must match the service account name if specified"));
        }

        metadata["name"] = request.Info.Name;
        var seconds = spec.Number("expirationSeconds") ?? DefaultSeconds;
        var reference = spec.Map("boundObjectRef");
        var audiences = spec.Items("audiences").Select(a => a.Text() ?? "").ToList();
        answer["status"] = new JsonObject { ["token"] = "", ["expirationTimestamp"] = null };
        CheckValidity(seconds);
        await writes.CheckSentAsync(request, answer);
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = KubeTime.Format(clock.GetUtcNow());
        var bound = reference is null ? null : Bound(reference, request.Info.Namespace);
        var (token, expires) = tokens.Issue(
            account, audiences.Count > 0 ? audiences : AccountTokens.DefaultAudiences, TimeSpan.FromSeconds(seconds), bound);
        spec["audiences"] = Reviews.Texts(audiences.Count > 0 ? audiences : AccountTokens.DefaultAudiences);
        spec["boundObjectRef"] = reference?.DeepClone();
        answer["status"] = new JsonObject { ["token"] = token, ["expirationTimestamp"] = KubeTime.Format(expires) };
        return answer;
    }

    private static JsonObject Default(JsonObject request)
    {
        var spec = request.GetOrAddMap("spec")!;
        spec["expirationSeconds"] ??= DefaultSeconds;
        return spec;
    }

    private static ApiError Invalid(WriteRequest request, FieldError error) =>
        ApiError.Invalid("authentication.k8s.io", "TokenRequest", request.Info.Name, [error]);

    private static void CheckValidity(long seconds)
    {
        var fault = seconds < LeastSeconds ? "may not specify a duration less than 10 minutes"
            : seconds > 1L << 32 ? "may not specify a duration larger than 2^32 seconds" : null;
        if (fault is not null)
        {
            throw ApiError.Invalid("authentication.k8s.io", "TokenRequest", "", [new(FieldErrorReasons.Invalid, "spec.expirationSeconds", $"Invalid value: {seconds}: {fault}")]);
        }
    }

    private BoundObject Bound(JsonObject reference, string ns)
    {
        var (apiVersion, kind, name) = (reference.Text("apiVersion") ?? "", reference.Text("kind") ?? "", reference.Text("name") ?? "");
        var said = GroupVersionKind.Parse(apiVersion, kind);
        if (!BoundObject.Kinds.Contains(kind) || said.Group.Length > 0)
        {
            throw ApiError.BadRequest($"cannot bind token to object of type {said.Group}/{said.Version}, Kind={kind}");
        }

        var bound = new BoundObject(kind, name, "");
        var found = store.Find(bound.Resource, new ObjectKey(kind == "Node" ? "" : ns, name)) ?? throw ApiError.NotFound(bound.Resource, name);
        return reference.Text("uid") is { Length: > 0 } uid && uid != found.Uid
            ? throw ApiError.Conflict(new GroupResource("", kind), name, $"the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated")
            : bound with { Uid = found.Uid };
    }

    private static ServedResource RequestsOf(ResourceType type)
    {
        var schema = Kinds.BuiltInKinds.SchemaOf(type.GroupVersionKind)!;
        return new()
        {
            Type = type,
            Singular = "",
            ListKind = "",
            Schema = schema,
            Rules = new Registry.BuiltIn.BuiltInRules(type, schema, hasStatus: false),
            Columns = [],
            StorageKind = type.GroupVersionKind,
        };
    }
}
