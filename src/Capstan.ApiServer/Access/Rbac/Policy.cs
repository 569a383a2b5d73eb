using System.Runtime.CompilerServices;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Access.Rbac;

/// <summary>The roles and bindings of the moment, read from the store: each object is parsed once for as long as it stays the same. Thread-safe.</summary>
internal sealed class Policy(Store store)
{
    private const string Group = "rbac.authorization.k8s.io";
    private static readonly GroupResource ClusterRoles = new(Group, "clusterroles");
    private static readonly GroupResource ClusterRoleBindings = new(Group, "clusterrolebindings");
    private static readonly GroupResource Roles = new(Group, "roles");
    private static readonly GroupResource RoleBindings = new(Group, "rolebindings");

    private readonly ConditionalWeakTable<StoredObject, IReadOnlyList<PolicyRule>> _rules = [];
    private readonly ConditionalWeakTable<StoredObject, RoleBinding> _bindings = [];

    /// <summary>The rules of a role; null where there is none of the name.</summary>
    public IReadOnlyList<PolicyRule>? RulesOf(string kind, string ns, string name)
    {
        var role = kind == "ClusterRole" ? store.Find(ClusterRoles, new ObjectKey("", name)) : store.Find(Roles, new ObjectKey(ns, name));
        return role is null ? null : _rules.GetValue(role, r => PolicyRule.Rules(ObjectJson.Parse(r.Json)));
    }

    /// <summary>What a user may do: the rules that hold everywhere first, then those of the namespace, each with the binding that gives it.</summary>
    /// <param name="user">Who.</param>
    /// <param name="ns">Where; empty: only what holds in the whole cluster.</param>
    public IEnumerable<(PolicyRule Rule, RoleBinding Binding, Subject Subject)> Of(UserInfo user, string ns)
    {
        var everywhere = store.Read(ClusterRoleBindings).Objects.From(default);
        var here = ns.Length == 0 ? [] : store.Read(RoleBindings).Objects.From(new ObjectKey(ns, "")).TakeWhile(o => o.Key.Namespace == ns);
        foreach (var stored in everywhere.Concat(here))
        {
            var binding = _bindings.GetValue(stored, s => RoleBinding.Of(ObjectJson.Parse(s.Json)));
            if (binding.SubjectOf(user) is { } subject)
            {
                foreach (var rule in RulesOf(binding.RoleKind, binding.Namespace, binding.RoleName) ?? [])
                {
                    yield return (rule, binding, subject);
                }
            }
        }
    }

    /// <summary>The verdict, with the first binding that allows it.</summary>
    public AccessAnswer Answer(AccessQuestion question)
    {
        foreach (var (rule, binding, subject) in Of(question.User, question.IsResource ? question.Namespace : ""))
        {
            if (rule.Allows(question))
            {
                return new(true, binding.Reason(subject));
            }
        }

        return new(false);
    }
}
