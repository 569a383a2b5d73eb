using Capstan.ApiServer.Http;

namespace Capstan.ApiServer.Access;

/// <summary>May this user do that? Of a resource, or of a path that is none.</summary>
internal sealed record AccessQuestion(UserInfo User, string Verb)
{
    /// <summary>Whether it is about a resource; else <see cref="Path"/> counts.</summary>
    public bool IsResource { get; init; } = true;

    public string Group { get; init; } = "";

    public string Resource { get; init; } = "";

    public string Subresource { get; init; } = "";

    /// <summary>Empty: the whole cluster.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Empty: of any name, which rules for certain names do not cover.</summary>
    public string Name { get; init; } = "";

    public string Path { get; init; } = "";

    public static AccessQuestion Of(UserInfo user, RequestInfo request) => new(user, request.Verb)
    {
        IsResource = request.IsResource,
        Group = request.Group,
        Resource = request.Resource,
        Subresource = request.Subresource,
        Namespace = request.AccessNamespace,
        Name = request.AccessName,
        Path = request.Path,
    };
}
