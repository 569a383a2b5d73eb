using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;
using Capstan.Schemas;

namespace Capstan.ApiServer.Access.Reviews;

/// <summary>Answers whether somebody may do something, and what all he may do in a namespace.</summary>
internal sealed class AccessReviews(Authorization authorization)
{
    private const string Group = "authorization.k8s.io";

    /// <exception cref="ApiError">400: rules are asked of no namespace.</exception>
    public static void CheckNamespace(JsonObject review)
    {
        if (string.IsNullOrEmpty(review.Text("spec", "namespace")))
        {
            throw ApiError.BadRequest("no namespace on request");
        }
    }

    /// <summary>Writes the verdict into a SubjectAccessReview, a local or a self one, that was checked.</summary>
    public void Review(WriteRequest request, JsonObject review)
    {
        var kind = request.Served.Type.Kind;
        var spec = review.Map("spec") ?? [];
        var user = kind == "SelfSubjectAccessReview" ? request.User : UserOf(spec);
        var answer = authorization.Answer(QuestionOf(spec, user));
        var status = new JsonObject { ["allowed"] = answer.Allowed };
        if (answer.Reason.Length > 0)
        {
            status["reason"] = answer.Reason;
        }

        if (ReviewSelectors.EvaluationError(spec.Map("resourceAttributes")) is { } fault)
        {
            status["evaluationError"] = fault;
        }

        review["status"] = status;
    }

    /// <summary>Writes all rules of a user into a SelfSubjectRulesReview.</summary>
    public void Rules(JsonObject review, UserInfo user)
    {
        var ns = review.Text("spec", "namespace")!;
        var (resources, paths) = (new JsonArray(), new JsonArray());
        foreach (var (rule, _, _) in authorization.Policy.Of(user, ns))
        {
            var json = new JsonObject { ["verbs"] = Reviews.Texts(rule.Verbs) };
            if (rule.Resources.Count > 0)
            {
                json["apiGroups"] = Reviews.Texts(rule.ApiGroups);
                json["resources"] = Reviews.Texts(rule.Resources);
                if (rule.ResourceNames.Count > 0)
                {
                    json["resourceNames"] = Reviews.Texts(rule.ResourceNames);
                }

                resources.Add((JsonNode)json);
            }
            else if (rule.NonResourceUrls.Count > 0)
            {
                json["nonResourceURLs"] = Reviews.Texts(rule.NonResourceUrls);
                paths.Add((JsonNode)json);
            }
        }

        // Kubernetes does not say what it was asked.
        review["metadata"] = new JsonObject();
        review["spec"] = new JsonObject();
        review["status"] = new JsonObject { ["resourceRules"] = resources, ["nonResourceRules"] = paths, ["incomplete"] = false };
    }

    private static AccessQuestion QuestionOf(JsonObject spec, UserInfo user)
    {
        if (spec.Map("resourceAttributes") is not { } resource)
        {
            var other = spec.Map("nonResourceAttributes");
            return new AccessQuestion(user, other.Text("verb") ?? "") { IsResource = false, Path = other.Text("path") ?? "" };
        }

        return new AccessQuestion(user, resource.Text("verb") ?? "")
        {
            Group = resource.Text("group") ?? "",
            Resource = resource.Text("resource") ?? "",
            Subresource = resource.Text("subresource") ?? "",
            Namespace = resource.Text("namespace") ?? "",
            Name = resource.Text("name") ?? "",
        };
    }

    private static UserInfo UserOf(JsonObject spec) => new(spec.Text("user") ?? "", [.. spec.Items("groups").Select(g => g.Text() ?? "")])
    {
        Uid = spec.Text("uid") ?? "",
    };

    /// <exception cref="ApiError">422: the question is none.</exception>
    public static void Check(WriteRequest request, JsonObject review)
    {
        var kind = request.Served.Type.Kind;
        var spec = review.Map("spec") ?? [];
        var errors = new List<FieldError>();
        var (resource, other) = (spec.Map("resourceAttributes"), spec.Map("nonResourceAttributes"));
        if (resource is not null && other is not null)
        {
            errors.Add(Invalid("spec.nonResourceAttributes", PathOf(other), "cannot be specified in combination with resourceAttributes"));
        }
        else if (resource is null && other is null)
        {
            errors.Add(Invalid("spec.resourceAttributes", "null", "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
        }

        if (kind != "SelfSubjectAccessReview" && string.IsNullOrEmpty(spec.Text("user")) && spec.Items("groups").Count == 0)
        {
            errors.Add(Invalid("spec.user", "\"\"", "at least one of user or group must be specified"));
        }

        ReviewSelectors.Check(resource, errors);
        var isLocal = kind == "LocalSubjectAccessReview";
        var metadata = review.Map("metadata") ?? [];
        if (metadata.Any(f => f.Value is not null && f.Key != "managedFields" && !(isLocal && f.Key == "namespace")))
        {
            errors.Add(Invalid("metadata", ObjectBytes.Text(metadata), isLocal ? "must be empty except for namespace" : "must be empty"));
        }

        if (isLocal && resource is not null && resource.Text("namespace") != request.Info.Namespace)
        {
            errors.Add(Invalid("spec.resourceAttributes.namespace", GoFormat.Quote(resource.Text("namespace") ?? ""), "must match metadata.namespace"));
        }

        if (isLocal && other is not null)
        {
            errors.Add(Invalid("spec.nonResourceAttributes", PathOf(other), "disallowed on this kind of request"));
        }

        if (errors.Count > 0)
        {
            throw ApiError.Invalid(Group, "", "", errors);
        }
    }

    private static string PathOf(JsonObject other) =>
        $"{{\"Path\":{GoFormat.Quote(other.Text("path") ?? "")},\"Verb\":{GoFormat.Quote(other.Text("verb") ?? "")}}}";

    private static FieldError Invalid(string field, string value, string detail) => new(FieldErrorReasons.Invalid, field, $"Invalid value: {value}: {detail}");
}
