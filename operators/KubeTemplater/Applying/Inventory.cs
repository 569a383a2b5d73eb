using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Applying;

/// <summary>What the status of a template has recorded of its objects.</summary>
internal sealed class Inventory
{
    private readonly Dictionary<ObjectIdentity, ResourceStatus> _recorded = [];
    private readonly bool _isOfThisSpec;

    /// <summary>Reads the template's status.</summary>
    public Inventory(KubeTemplate template)
    {
        foreach (var resource in template.Status?.Resources ?? [])
        {
            _recorded[ObjectIdentity.Of(resource)] = resource;
        }

        _isOfThisSpec = template.Status?.ObservedGeneration == template.Metadata.Generation;
    }

    /// <summary>What is recorded of an object; null if nothing.</summary>
    public ResourceStatus? Find(ObjectIdentity identity) => _recorded.GetValueOrDefault(identity);

    /// <summary>What is recorded of an entry that a run of this very spec applied; null if none did.</summary>
    public ResourceStatus? HasApplied(Manifest manifest) =>
        _isOfThisSpec && Find(manifest.Identity) is { Uid: not null, State: ResourceStates.Applied or ResourceStates.Ready } recorded ? recorded : null;

    /// <summary>The status of each entry; what was known of one that was not tried stays known.</summary>
    public List<ResourceStatus> Report(IReadOnlyList<Manifest> manifests, Func<Manifest, Outcome> outcomeOf) => [.. manifests.Select(manifest =>
    {
        var outcome = outcomeOf(manifest);
        var before = Find(manifest.Identity);
        return new ResourceStatus
        {
            Id = manifest.Id,
            Group = manifest.Kind.Group,
            Version = manifest.Kind.Version,
            Kind = manifest.Kind.Kind,
            Namespace = (outcome.Namespaced ?? manifest.Namespaced) == false ? null : manifest.Key.Namespace,
            Name = manifest.Key.Name,
            Uid = outcome.Uid ?? before?.Uid,
            State = outcome.State,
            Message = outcome.Message,
            AppliedHash = outcome.Hash ?? before?.AppliedHash,
        };
    })];

    /// <summary>Whether the record is kept of everything that was made, because something of it may be to delete one day.</summary>
    public static bool IsKept(KubeTemplate template) => template.Spec.Prune == true || template.Spec.DeletionPolicy == DeletionPolicies.Delete;

    /// <summary>The record with what is going to be made; null if all of it is on record.</summary>
    public List<ResourceStatus>? WithAll(IReadOnlyList<Manifest> manifests)
    {
        var missing = manifests.Where(manifest => !_recorded.ContainsKey(manifest.Identity)).ToList();
        return missing.Count == 0
            ? null
            : [.. _recorded.Values, .. Report(missing, _ => new Outcome(ResourceStates.Blocked)).Select(resource => resource with { State = null })];
    }

    /// <summary>What is on record and not in the template any more, in the order in which it was made.</summary>
    /// <param name="reported">The template's entries, as reported after a run: by then it is known which kinds have namespaces.</param>
    public IEnumerable<ResourceStatus> Dropped(IReadOnlyList<ResourceStatus> reported)
    {
        var current = reported.Select(ObjectIdentity.Of).ToHashSet();
        return _recorded.Where(one => !current.Contains(one.Key) && !current.Contains(one.Key with { Namespace = "" })).Select(one => one.Value);
    }

    /// <summary>The record as a status of another spec may keep it: what was made, without saying that it is as wanted.</summary>
    public static List<ResourceStatus>? Kept(KubeTemplate template) =>
        template.Status?.ObservedGeneration == template.Metadata.Generation
            ? template.Status?.Resources
            : template.Status?.Resources?.ConvertAll(resource => resource with { State = null, Message = null });
}
