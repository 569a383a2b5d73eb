using System.Text.Json.Nodes;
using Capstan.ApiServer.Access;
using Capstan.ApiServer.Http;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Roles;

/// <summary>Rules of RoleBinding and ClusterRoleBinding: whom a role is granted to may change, which role may not.</summary>
internal sealed class RoleBindingRules(ResourceType type, Schema schema, bool hasStatus, Authorization authorization) : BuiltInRules(type, schema, hasStatus)
{
    private const string Group = "rbac.authorization.k8s.io";

    /// <inheritdoc/>
    public override void Permit(WriteRequest request, JsonObject obj, JsonObject? old)
    {
        if (old is not null && JsonNode.DeepEquals(old["roleRef"], obj["roleRef"]) && JsonNode.DeepEquals(old["subjects"], obj["subjects"]))
        {
            return;
        }

        var (kind, role) = (obj.Text("roleRef", "kind") ?? "", obj.Text("roleRef", "name") ?? "");
        if (kind is "Role" or "ClusterRole")
        {
            Escalation.Check(
                authorization, request, obj.Text("metadata", "name") ?? "",
                () => authorization.Policy.RulesOf(kind, request.Info.Namespace, role) ?? throw ApiError.NotFound(request.Resource, role),
                "bind", kind == "Role" ? "roles" : "clusterroles", role);
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        if (obj.Text("roleRef", "apiGroup") is { } group and not Group)
        {
            errors.Add(FieldErrors.NotSupported("roleRef.apiGroup", group, [Group]));
        }

        string[] kinds = Type.Kind == "RoleBinding" ? ["Role", "ClusterRole"] : ["ClusterRole"];
        if (!kinds.Contains(obj.Text("roleRef", "kind")))
        {
            errors.Add(FieldErrors.NotSupported("roleRef.kind", obj.Text("roleRef", "kind") ?? "", kinds));
        }

        if (string.IsNullOrEmpty(obj.Text("roleRef", "name")))
        {
            errors.Add(FieldErrors.Required("roleRef.name"));
        }
        else
        {
            MetadataRules.Add(errors, "roleRef.name", obj.Text("roleRef", "name")!, Naming.PathSegmentFaults(obj.Text("roleRef", "name")!));
        }

        var subjects = obj.Items("subjects");
        for (var i = 0; i < subjects.Count; i++)
        {
            ValidateSubject(subjects[i], $"subjects[{i}]", errors);
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        ValidateKind(obj, errors);
        if (!JsonNode.DeepEquals(obj["roleRef"], old["roleRef"]))
        {
            string Quoted(string field) => GoFormat.Quote(obj.Text("roleRef", field) ?? "");
            errors.Add(new(FieldErrorReasons.Invalid, "roleRef",
                $"Invalid value: {{\"APIGroup\":{Quoted("apiGroup")},\"Kind\":{Quoted("kind")},\"Name\":{Quoted("name")}}}: cannot change roleRef"));
        }
    }

    private void ValidateSubject(JsonNode? subject, string path, ICollection<FieldError> errors)
    {
        var (kind, name, group) = (subject.Text("kind") ?? "", subject.Text("name") ?? "", subject.Text("apiGroup") ?? "");
        if (name.Length == 0)
        {
            errors.Add(FieldErrors.Required($"{path}.name"));
        }

        switch (kind)
        {
            case "ServiceAccount":
                foreach (var fault in name.Length == 0 ? [] : Naming.DnsSubdomain(name, false))
                {
                    errors.Add(FieldErrors.Invalid($"{path}.name", name, fault));
                }

                if (group.Length > 0)
                {
                    errors.Add(FieldErrors.NotSupported($"{path}.apiGroup", group, [""]));
                }

                if (!Type.Namespaced && string.IsNullOrEmpty(subject.Text("namespace")))
                {
                    errors.Add(FieldErrors.Required($"{path}.namespace"));
                }

                break;
            case "User" or "Group":
                if (group != Group)
                {
                    errors.Add(FieldErrors.NotSupported($"{path}.apiGroup", group, [Group]));
                }

                break;
            default:
                errors.Add(FieldErrors.NotSupported($"{path}.kind", kind, ["ServiceAccount", "User", "Group"]));
                break;
        }
    }
}
