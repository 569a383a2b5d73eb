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

    /// <summary>Writes the verdict into a TokenReview.</summary>
    public void Review(JsonObject review)
    {
        if (string.IsNullOrEmpty(review.Text("spec", "token")))
        {
            throw ApiError.BadRequest("token is required for TokenReview in authentication");
        }

        (review["metadata"] as JsonObject)?.Remove("namespace");
        var wanted = review.Items("spec", "audiences").Select(a => a.Text() ?? "").ToList();
        var (user, audiences, error) = tokens.Verify(review.Text("spec", "token")!, wanted.Count > 0 ? wanted : AccountTokens.DefaultAudiences);
        review["status"] = user is null
            ? new JsonObject { ["user"] = new JsonObject(), ["error"] = error.Length == 0 ? "invalid bearer token" : $"[invalid bearer token, {error}]" }
            : new JsonObject { ["authenticated"] = true, ["user"] = Reviews.UserOf(user), ["audiences"] = Reviews.Texts(audiences) };
    }

    /// <summary>A TokenRequest with its token.</summary>
    public JsonObject Issue(WriteRequest request, Body body, Writes writes)
    {
        var account = store.Find(Accounts, request.Key) ?? throw ApiError.NotFound(Accounts, request.Info.Name);
        var obj = body.Value as JsonObject ?? [];
        if (obj.Text("kind") is { Length: > 0 } kind && kind != "TokenRequest")
        {
            throw ApiError.BadRequest($"{kind} in version \"v1\" cannot be handled as a TokenRequest: converting (v1.{kind}) to (authentication.TokenRequest): unknown conversion");
        }

        if (obj.Text("metadata", "name") is { Length: > 0 } name && name != request.Info.Name)
        {
            throw Invalid(request, FieldErrors.Invalid("metadata.name", name, "must match the service account name if specified"));
        }

        if (obj.Text("metadata", "namespace") is { Length: > 0 } ns && ns != request.Info.Namespace)
        {
            throw Invalid(request, FieldErrors.Invalid("metadata.namespace", ns, "must match the service account namespace if specified"));
        }

        var spec = obj.Map("spec") ?? [];
        var seconds = spec.Number("expirationSeconds") ?? DefaultSeconds;
        var audiences = spec.Items("audiences").Select(a => a.Text() ?? "").ToList();
        var reference = spec.Map("boundObjectRef");
        var answer = new JsonObject
        {
            ["kind"] = "TokenRequest",
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["metadata"] = new JsonObject { ["name"] = request.Info.Name, ["namespace"] = request.Info.Namespace },
            ["spec"] = new JsonObject { ["expirationSeconds"] = seconds },
        };
        if (audiences.Count > 0)
        {
            answer["spec"]!["audiences"] = Reviews.Texts(audiences);
        }

        if (reference is not null)
        {
            answer["spec"]!["boundObjectRef"] = reference.DeepClone();
        }

        writes.Own(request, answer, "authentication.k8s.io/v1");
        CheckValidity(seconds);
        var metadata = answer["metadata"]!.AsObject();
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = KubeTime.Format(clock.GetUtcNow());
        var bound = reference is null ? null : Bound(reference, request.Info.Namespace);
        var (token, expires) = tokens.Issue(
            account, audiences.Count > 0 ? audiences : AccountTokens.DefaultAudiences, TimeSpan.FromSeconds(seconds), bound);
        answer["spec"]!["audiences"] = Reviews.Texts(audiences.Count > 0 ? audiences : AccountTokens.DefaultAudiences);
        answer["spec"]!["boundObjectRef"] = reference?.DeepClone();
        answer["status"] = new JsonObject { ["token"] = token, ["expirationTimestamp"] = KubeTime.Format(expires) };
        return answer;
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
        var (kind, name) = (reference.Text("kind") ?? "", reference.Text("name") ?? "");
        if (!BoundObject.Kinds.Contains(kind))
        {
            throw ApiError.BadRequest($"cannot bind token for serviceaccount to kind {GoFormat.Quote(kind)}: only Pods, Secrets and Nodes can be bound to");
        }

        var bound = new BoundObject(kind, name, "");
        var found = store.Find(bound.Resource, new ObjectKey(kind == "Node" ? "" : ns, name)) ?? throw ApiError.NotFound(bound.Resource, name);
        return reference.Text("uid") is { Length: > 0 } uid && uid != found.Uid
            ? throw ApiError.Conflict(bound.Resource, name, $"the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated")
            : bound with { Uid = found.Uid };
    }
}
