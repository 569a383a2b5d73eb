namespace Capstan;

/// <summary>What an object says it is. <see cref="Group"/> is empty for the core group.</summary>
public readonly record struct GroupVersionKind(string Group, string Version, string Kind)
{
    /// <summary><c>group/version</c>, or the bare version for the core group: the value of an object's <c>apiVersion</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Splits an <c>apiVersion</c> at its slash. Without one the group is the core group.</summary>
    public static GroupVersionKind Parse(string apiVersion, string kind)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? new("", apiVersion, kind) : new(apiVersion[..slash], apiVersion[(slash + 1)..], kind);
    }

    /// <summary><c>group/version, Kind=kind</c>, as Kubernetes prints it in errors.</summary>
    public override string ToString() => $"{ApiVersion}, Kind={Kind}";
}

/// <summary>A plural resource name in its group, as in RBAC rules and error messages.</summary>
public readonly record struct GroupResource(string Group, string Resource)
{
    /// <summary><c>resource.group</c>, or the bare resource for the core group.</summary>
    public override string ToString() => Group.Length == 0 ? Resource : $"{Resource}.{Group}";
}
