using KubeTemplater.Templating;

namespace KubeTemplater.Drift;

/// <summary>How a live object differs from what the template made.</summary>
internal enum DriftKind
{
    /// <summary>Somebody changed what is ours of it.</summary>
    Changed,

    /// <summary>It is gone, or its label is.</summary>
    Gone,

    /// <summary>Another object has its name.</summary>
    Replaced,
}

/// <summary>What is wrong with the objects of a template.</summary>
/// <param name="Due">Objects to put right now.</param>
/// <param name="Flapping">Objects that were put right too often, in words; empty if none.</param>
/// <param name="LookAgain">When the template is to be looked at again, if nothing happens before; null: when something happens.</param>
internal sealed record DriftFindings(IReadOnlyDictionary<ObjectIdentity, DriftKind> Due, string Flapping, TimeSpan? LookAgain)
{
    /// <summary>All is as it should be.</summary>
    public static readonly DriftFindings None = new(new Dictionary<ObjectIdentity, DriftKind>(), "", null);
}
