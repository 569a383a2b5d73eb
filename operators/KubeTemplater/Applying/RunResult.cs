using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Applying;

/// <summary>What a run did.</summary>
/// <param name="Resources">What became of each entry, in their order; and what the template made before and has yet to delete.</param>
/// <param name="Failure">Why it ended early; null when nothing failed.</param>
/// <param name="Waiting">What it waits for and will be resumed for, in words; null when it waits for nothing.</param>
internal sealed record RunResult(IReadOnlyList<ResourceStatus> Resources, TemplateException? Failure, string? Waiting = null)
{
    /// <summary>Entries that the server has as wanted.</summary>
    public int Synced => Resources.Count(resource => resource.State is ResourceStates.Applied or ResourceStates.Ready);

    /// <summary>A record of objects with what this run brought about in the place of what it had of the same; what failed stays as it is on record.</summary>
    public List<ResourceStatus> WrittenInto(IEnumerable<ResourceStatus> record)
    {
        var brought = Resources.Where(resource => resource.State is ResourceStates.Applied or ResourceStates.Ready).ToDictionary(ObjectIdentity.Of);
        return [.. record.Select(before => brought.GetValueOrDefault(ObjectIdentity.Of(before), before))];
    }

    /// <summary>Returns if nothing failed.</summary>
    /// <exception cref="TemplateException">Something did.</exception>
    public void Demand()
    {
        if (Failure is not null)
        {
            throw Failure;
        }
    }
}
