using Capstan.ApiServer.Http;

namespace Capstan.ApiServer.Access;

/// <summary>Decides who may do what. Members of <c>system:masters</c> may do all; everybody may ask how the server is and which version it has.</summary>
internal sealed class Authorization
{
    private static readonly string[] Open = ["/healthz", "/livez", "/readyz", "/version"];

    /// <exception cref="ApiError">403, worded as Kubernetes.</exception>
    public void Check(UserInfo user, RequestInfo request)
    {
        if (!Allows(user, request))
        {
            throw Refusal(user, request, "");
        }
    }

    private static bool Allows(UserInfo user, RequestInfo request) =>
        user.Groups.Contains("system:masters")
        || (!request.IsResource && request.Verb is "get" or "head"
            && Array.Exists(Open, path => request.Path == path || request.Path.StartsWith(path + "/", StringComparison.Ordinal)));

    /// <summary>What a user is told who may not do this.</summary>
    /// <param name="user">Who asks.</param>
    /// <param name="request">For what.</param>
    /// <param name="prefix">Stands before the verb: what kind of doing it is.</param>
    public static ApiError Refusal(UserInfo user, RequestInfo request, string prefix)
    {
        if (!request.IsResource)
        {
            return ApiError.Forbidden($"forbidden: User {ApiError.Quote(user.Name)} cannot {prefix}{request.Verb} path {ApiError.Quote(request.Path)}");
        }

        var resource = request.Subresource.Length == 0 ? request.Resource : $"{request.Resource}/{request.Subresource}";
        var ns = request.Resource == "namespaces" && request.Group.Length == 0 ? request.Name : request.Namespace;
        var where = ns.Length == 0 ? "at the cluster scope" : $"in the namespace {ApiError.Quote(ns)}";
        return ApiError.Forbidden(
            request.GroupResource,
            request.Name,
            $"User {ApiError.Quote(user.Name)} cannot {prefix}{request.Verb} resource {ApiError.Quote(resource)} in API group {ApiError.Quote(request.Group)} {where}");
    }
}
