using Capstan.ApiServer.Registry.BuiltIn.Checks;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;

/// <summary>What the checks of the parts of a pod's spec need to know of the rest of it.</summary>
/// <param name="Spec">The spec.</param>
/// <param name="IsPod">Whether it is that of a Pod, not of a template.</param>
/// <param name="Name">Name of the Pod; empty in a template.</param>
internal sealed record PodScope(Place Spec, bool IsPod, string Name)
{
    /// <summary>The lists of containers, in the order in which they are visited.</summary>
    public static readonly string[] ContainerLists = ["initContainers", "containers", "ephemeralContainers"];

    /// <summary>The volumes that are well formed, by name.</summary>
    public Dictionary<string, Place> Volumes { get; } = new(StringComparer.Ordinal);

    /// <summary>Names of volumes that come with the pods of a workload, though its template does not have them.</summary>
    public IReadOnlyList<string> MoreVolumes { get; init; } = [];

    /// <summary>Seconds that the pod has to end.</summary>
    public long? Grace => Spec["terminationGracePeriodSeconds"].Exists ? Spec["terminationGracePeriodSeconds"].Number : null;

    /// <summary>Whether its users are those of the node.</summary>
    public bool HostUsers => !Spec["hostUsers"].Exists || Spec["hostUsers"].Flag;

    /// <summary>Names of its resource claims.</summary>
    public SortedSet<string> Claims { get; } = new(Spec["resourceClaims"].Items.Select(c => c["name"].Text).Where(n => n.Length > 0), StringComparer.Ordinal);

    /// <summary>All containers.</summary>
    public IEnumerable<Place> Containers
    {
        get
        {
            var spec = Spec;
            return ContainerLists.SelectMany(list => spec[list].Items);
        }
    }
}
