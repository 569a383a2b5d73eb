using Capstan.ApiServer.Http;
using Microsoft.AspNetCore.Http;

namespace Capstan.ApiServer.Access;

/// <summary>Lets those who may do everything act as somebody else: the headers that <c>kubectl --as</c> sends.</summary>
internal static class Impersonation
{
    private const string ServiceAccount = "system:serviceaccount:";

    /// <summary>Whom the request is to be judged as.</summary>
    /// <exception cref="ApiError">403: the user may not act as others; 400: groups without a user.</exception>
    public static UserInfo Apply(HttpRequest http, UserInfo user, RequestInfo request)
    {
        var name = http.Headers["Impersonate-User"].ToString();
        var groups = http.Headers["Impersonate-Group"];
        if (name.Length == 0)
        {
            return groups.Count == 0 && http.Headers["Impersonate-Uid"].Count == 0
                ? user
                : throw ApiError.BadRequest("requested impersonation without impersonating a user");
        }

        if (!user.Groups.Contains("system:masters"))
        {
            throw Authorization.Refusal(user, request, name.StartsWith(ServiceAccount, StringComparison.Ordinal) ? "impersonate-on:serviceaccount:" : "impersonate-on:user-info:");
        }

        var all = groups.Where(g => !string.IsNullOrEmpty(g)).Select(g => g!).ToList();
        if (all.Count == 0 && name.StartsWith(ServiceAccount, StringComparison.Ordinal) && name.Split(':') is [_, _, var ns, _])
        {
            all.AddRange(["system:serviceaccounts", $"system:serviceaccounts:{ns}"]);
        }

        all.Add(name == UserInfo.Anonymous.Name ? "system:unauthenticated" : "system:authenticated");
        return new UserInfo(name, all);
    }
}
