using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;
using Capstan.Schemas;

namespace Capstan.ApiServer.Access.Rbac;

/// <summary>Who gets which role. Immutable.</summary>
/// <param name="Name">Of the binding.</param>
/// <param name="Namespace">Empty of a ClusterRoleBinding.</param>
/// <param name="RoleKind"><c>Role</c> or <c>ClusterRole</c>.</param>
/// <param name="RoleName">Of the role.</param>
/// <param name="Subjects">Who gets it.</param>
internal sealed record RoleBinding(string Name, string Namespace, string RoleKind, string RoleName, IReadOnlyList<Subject> Subjects)
{
    public static RoleBinding Of(JsonNode binding) => new(
        binding.Text("metadata", "name") ?? "",
        binding.Text("metadata", "namespace") ?? "",
        binding.Text("roleRef", "kind") ?? "",
        binding.Text("roleRef", "name") ?? "",
        [.. binding.Items("subjects").Select(s => new Subject(s.Text("kind") ?? "", s.Text("namespace") ?? "", s.Text("name") ?? ""))]);

    /// <summary>The subject through which a user has the role; null: he does not.</summary>
    public Subject? SubjectOf(UserInfo user) => Subjects.FirstOrDefault(s => s.Is(user, Namespace));

    /// <summary>Why something is allowed, in Kubernetes' words.</summary>
    public string Reason(Subject subject) => Namespace.Length == 0
        ? $"RBAC: allowed by ClusterRoleBinding {GoFormat.Quote(Name)} of {RoleKind} {GoFormat.Quote(RoleName)} to {subject}"
        : $"RBAC: allowed by RoleBinding {GoFormat.Quote($"{Name}/{Namespace}")} of {RoleKind} {GoFormat.Quote(RoleName)} to {subject}";
}

/// <summary>A user, a group or a ServiceAccount of a binding.</summary>
internal sealed record Subject(string Kind, string Namespace, string Name)
{
    public bool Is(UserInfo user, string bindingNamespace) => Kind switch
    {
        "User" => user.Name == Name,
        "Group" => user.Groups.Contains(Name),
        "ServiceAccount" => (Namespace.Length > 0 ? Namespace : bindingNamespace) is { Length: > 0 } ns && user.Name == $"system:serviceaccount:{ns}:{Name}",
        _ => false,
    };

    public override string ToString() => Kind == "ServiceAccount" ? $"{Kind} {GoFormat.Quote($"{Name}/{Namespace}")}" : $"{Kind} {GoFormat.Quote(Name)}";
}
