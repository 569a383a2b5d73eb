namespace Capstan.Client;

/// <summary>Paths of URLs whose every name is one segment: a name such as <c>..</c> would make it the path of something else.</summary>
internal static class RequestPath
{
    /// <exception cref="ArgumentException">The namespace cannot be one.</exception>
    public static string Collection(ResourceType type, string? @namespace)
    {
        Check(@namespace ?? "", type, "namespace");
        return type.CollectionPath(@namespace);
    }

    /// <exception cref="ArgumentException">Name, namespace or subresource cannot be one.</exception>
    public static string Object(ResourceType type, ObjectKey key, string? subresource)
    {
        Check(key.Namespace, type, "namespace");
        Check(key.Name, type, "name");
        foreach (var part in subresource?.Split('/') ?? [])
        {
            Check(part, type, "subresource");
        }

        return type.ObjectPath(key, subresource);
    }

    private static void Check(string name, ResourceType type, string what)
    {
        if (name is "." or ".." || name.AsSpan().ContainsAny('/', '%'))
        {
            throw new ArgumentException($"{type.GroupResource}: '{name}' cannot be a {what}");
        }
    }
}
