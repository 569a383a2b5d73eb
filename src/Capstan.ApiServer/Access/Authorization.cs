using Capstan.ApiServer.Access.Rbac;
using Capstan.ApiServer.Http;

namespace Capstan.ApiServer.Access;

/// <summary>Decides who may do what: members of <c>system:masters</c> may do all, others what roles give them.</summary>
internal sealed class Authorization(Policy policy)
{
    public Policy Policy => policy;

    /// <exception cref="ApiError">403, worded as Kubernetes.</exception>
    public void Check(AccessQuestion question)
    {
        if (!Answer(question).Allowed)
        {
            throw Refusal(question);
        }
    }

    public AccessAnswer Answer(AccessQuestion question) =>
        question.User.Groups.Contains(UserInfo.Masters) ? new(true) : policy.Answer(question);

    private static ApiError Refusal(AccessQuestion question)
    {
        var user = ApiError.Quote(question.User.Name);
        if (!question.IsResource)
        {
            return ApiError.Forbidden($"forbidden: User {user} cannot {question.Verb} path {ApiError.Quote(question.Path)}");
        }

        var resource = question.Subresource.Length == 0 ? question.Resource : $"{question.Resource}/{question.Subresource}";
        var where = question.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace {ApiError.Quote(question.Namespace)}";
        return ApiError.Forbidden(
            new GroupResource(question.Group, question.Resource),
            question.Name,
            $"User {user} cannot {question.Verb} resource {ApiError.Quote(resource)} in API group {ApiError.Quote(question.Group)} {where}");
    }
}
