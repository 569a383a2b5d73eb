using Capstan.ApiServer.Access;
using Capstan.ApiServer.Access.Rbac;
using Capstan.ApiServer.Http;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Roles;

/// <summary>Keeps users from giving, to themselves or others, rights that they do not have.</summary>
internal static class Escalation
{
    /// <summary>Refuses rules that the user does not hold himself, unless a right to do just that lifts it.</summary>
    /// <param name="authorization">Who may what.</param>
    /// <param name="request">The write.</param>
    /// <param name="name">Of the object that is written.</param>
    /// <param name="wanted">The rules that it would give; not asked for where nothing is to be checked.</param>
    /// <param name="verb">What lifts the check: <c>escalate</c> or <c>bind</c>.</param>
    /// <param name="resource">On which resource.</param>
    /// <param name="role">Of which name.</param>
    public static void Check(
        Authorization authorization, WriteRequest request, string name, Func<IReadOnlyList<PolicyRule>> wanted, string verb, string resource, string role)
    {
        var user = request.User;
        var lift = new AccessQuestion(user, verb) { Group = request.Resource.Group, Resource = resource, Namespace = request.Info.Namespace, Name = role };
        if (user.Groups.Contains(UserInfo.Masters) || authorization.Answer(lift).Allowed)
        {
            return;
        }

        var held = authorization.Policy.Of(user, request.Info.Namespace).Select(r => r.Rule).ToList();
        var missing = RuleCoverage.Missing(held, wanted());
        if (missing.Count > 0)
        {
            var groups = string.Join(' ', user.Groups.Select(GoFormat.Quote));
            throw ApiError.Forbidden(
                request.Resource,
                name,
                $"user {GoFormat.Quote(user.Name)} (groups=[{groups}]) is attempting to grant RBAC permissions not currently held:\n"
                    + string.Join('\n', missing.Select(m => m.ToString()).Distinct().Order(StringComparer.Ordinal)));
        }
    }
}
