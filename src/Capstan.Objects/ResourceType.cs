namespace Capstan;

/// <summary>A kind together with where an API server serves it.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">API version, for example <c>v1</c>.</param>
/// <param name="Kind">Kind, for example <c>ConfigMap</c>.</param>
/// <param name="Plural">Lower-case plural of the URL, for example <c>configmaps</c>.</param>
/// <param name="Namespaced">Whether objects live in a namespace.</param>
public sealed record ResourceType(string Group, string Version, string Kind, string Plural, bool Namespaced)
{
    /// <summary>Group, version and kind.</summary>
    public GroupVersionKind GroupVersionKind => new(Group, Version, Kind);

    /// <summary>Group and plural.</summary>
    public GroupResource GroupResource => new(Group, Plural);

    /// <summary>Value of the objects' <c>apiVersion</c>.</summary>
    public string ApiVersion => GroupVersionKind.ApiVersion;

    /// <summary>URL path of the collection: of one namespace, or of all when <paramref name="namespace"/> is null or empty.</summary>
    public string CollectionPath(string? @namespace = null)
    {
        var root = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        return Namespaced && !string.IsNullOrEmpty(@namespace)
            ? $"{root}/namespaces/{Uri.EscapeDataString(@namespace)}/{Plural}"
            : $"{root}/{Plural}";
    }

    /// <summary>URL path of one object, or of its <paramref name="subresource"/>.</summary>
    public string ObjectPath(ObjectKey key, string? subresource = null)
    {
        var path = $"{CollectionPath(key.Namespace)}/{Uri.EscapeDataString(key.Name)}";
        return subresource is null ? path : $"{path}/{subresource}";
    }
}
