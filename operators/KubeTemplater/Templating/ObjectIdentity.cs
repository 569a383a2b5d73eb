using KubeTemplater.Resources;

namespace KubeTemplater.Templating;

/// <summary>Which object is meant, in whatever version of its API.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Kind">Kind.</param>
/// <param name="Namespace">Namespace; empty for what is in none.</param>
/// <param name="Name">Name.</param>
internal readonly record struct ObjectIdentity(string Group, string Kind, string Namespace, string Name)
{
    /// <summary>The object that a status recorded.</summary>
    public static ObjectIdentity Of(ResourceStatus recorded) => new(recorded.Group, recorded.Kind, recorded.Namespace ?? "", recorded.Name);

    /// <summary>How messages name it, for example <c>Deployment blue/web</c>.</summary>
    public override string ToString() => Namespace.Length > 0 ? $"{Kind} {Namespace}/{Name}" : $"{Kind} {Name}";
}
