using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Rules of RoleBinding and ClusterRoleBinding: whom a role is granted to may change, which role may not.</summary>
internal sealed class RoleBindingRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        if (obj.Text("roleRef", "apiGroup") is { } group and not "rbac.authorization.k8s.io")
        {
            errors.Add(FieldErrors.NotSupported("roleRef.apiGroup", group, ["rbac.authorization.k8s.io"]));
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
}
