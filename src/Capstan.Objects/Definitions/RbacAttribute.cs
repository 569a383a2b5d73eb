namespace Capstan;

/// <summary>A right that the code of the class (or assembly) needs: <c>capstan manifests</c> gathers them to a ClusterRole, and to Roles where they are for one namespace.</summary>
/// <remarks>Nothing grants or checks it at run time: an API server does.</remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Assembly, AllowMultiple = true)]
public class RbacAttribute : Attribute
{
    /// <summary>Verbs on resources.</summary>
    /// <param name="group">API group; empty for the core group.</param>
    /// <param name="resources">Lower-case plurals, a subresource after a slash: <c>deployments/status</c>.</param>
    /// <param name="verbs">For example <c>get</c>, <c>list</c>, <c>watch</c>.</param>
    public RbacAttribute(string group, string resources, params string[] verbs)
    {
        Group = group;
        Resources = resources.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Verbs = verbs;
    }

    /// <summary>API group; empty for the core group.</summary>
    public string Group { get; }

    /// <summary>Plurals, with subresources after a slash. The constructor takes several with commas between.</summary>
    public virtual IReadOnlyList<string> Resources { get; }

    /// <summary>What may be done.</summary>
    public IReadOnlyList<string> Verbs { get; }

    /// <summary>Only objects of these names. Default: all. (Does not hold for <c>create</c>, <c>list</c> and <c>watch</c>: there is no name to compare then.)</summary>
    public string[] ResourceNames { get; set; } = [];

    /// <summary>The right is for the operator's own namespace only, so a Role holds it. Default false: for all namespaces.</summary>
    public bool OwnNamespace { get; set; }
}

/// <summary>As <see cref="RbacAttribute"/>, with group and plural of a kind.</summary>
/// <typeparam name="TKind">The kind.</typeparam>
/// <param name="verbs">What may be done.</param>
public sealed class RbacAttribute<TKind>(params string[] verbs) : RbacAttribute(TKind.Resource.Group, TKind.Resource.Plural, verbs)
    where TKind : KubeObject, IKubeObject<TKind>
{
    /// <summary>The right is on this subresource only, for example <c>status</c>. Default null: on the objects themselves.</summary>
    public string? Subresource { get; set; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Resources => Subresource is null ? base.Resources : [$"{TKind.Resource.Plural}/{Subresource}"];
}
