using Capstan.ApiServer.Access.Rbac;
using Capstan.ApiServer.Http;
using Capstan.Schemas;

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
        var user = GoFormat.Quote(question.User.Name);
        if (!question.IsResource)
        {
            return ApiError.Forbidden($"forbidden: User {user} cannot {question.Verb} path {GoFormat.Quote(question.Path)}");
        }

        var resource = question.Subresource.Length == 0 ? question.Resource : $"{question.Resource}/{question.Subresource}";
        var where = question.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace {GoFormat.Quote(question.Namespace)}";
        return ApiError.Forbidden(
            new GroupResource(question.Group, question.Resource),
            question.Name,
            $"User {user} cannot {question.Verb} resource {GoFormat.Quote(resource)} in API group {GoFormat.Quote(question.Group)} {where}");
    }
}
