using Capstan.Kinds;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Which kinds Kubernetes can read though they are not what a path is about: a body of such a kind is refused as the wrong one, any other as unknown.</summary>
internal static class RegisteredKinds
{
    // These belong to no version: every group has them.
    private static readonly string[] Everywhere =
    [
        "APIGroup", "APIGroupList", "APIResourceList", "APIVersions", "CreateOptions", "DeleteOptions", "GetOptions", "ListOptions", "PatchOptions", "Status", "UpdateOptions", "WatchEvent",
    ];

    public static bool Has(GroupVersionKind kind) =>
        BuiltInKinds.SchemaOf(kind) is not null
        || UnservedVersions.Has(kind.ApiVersion, kind.Kind)
        || Everywhere.Contains(kind.Kind)
        || kind is { Group: "", Version: "v1", Kind: "List" }
        || (kind.Kind.EndsWith("List", StringComparison.Ordinal) && BuiltInKinds.SchemaOf(kind with { Kind = kind.Kind[..^4] }) is not null);
}
