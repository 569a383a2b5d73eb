using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Applying;

/// <summary>Deletes what a template made before the template itself goes, where its deletionPolicy says so: in any namespace, in the reverse of the order in which it was made.</summary>
/// <remarks>
/// The policy is not asked whether the objects are allowed: what was made goes, whatever is allowed now. A suspended template's objects stay, and so do those of one whose
/// deletionPolicy was changed back. Nothing waits here: while something is left, the run ends with that said, and is run again.
/// </remarks>
internal sealed class TemplateCleanup(Actors actors, Removal removal, Ledger ledger)
{
    /// <summary>Deletes what can be deleted now, and lets the template go when nothing is left.</summary>
    /// <returns>What is left; null when the template has been let go, or is not ours to hold.</returns>
    public async Task<RunResult?> RunAsync(KubeTemplate template, CancellationToken cancellationToken)
    {
        if (!ledger.Holds(template))
        {
            return null;
        }

        List<ResourceStatus> left = [];
        if (template.Spec.DeletionPolicy == DeletionPolicies.Delete && template.Spec.Suspend != true)
        {
            left = await removal.RemoveAllAsync(await actors.ForDeletionAsync(template, cancellationToken), template, Steps(template), cancellationToken);
        }

        if (left.Count > 0)
        {
            return new(left, Removal.FailureOf(left), Removal.WaitingOf(left) is { } waiting ? $"Deleting: {waiting}" : null);
        }

        await ledger.ReleaseAsync(template, cancellationToken);
        return null;
    }

    /// <summary>What was made, last first.</summary>
    private static IEnumerable<IReadOnlyList<ResourceStatus>> Steps(KubeTemplate template)
    {
        var manifests = Manifest.ReadAll(template);
        var places = new Dictionary<(string, string, string), int>();
        if (Plan.Faults(template.Spec.Templates, manifests).Count == 0)
        {
            foreach (var (step, entries) in Plan.Of(manifests).Steps.Index())
            {
                entries.ToList().ForEach(entry => places[(entry.Kind.Group, entry.Kind.Kind, entry.Key.Name)] = step);
            }
        }

        // What the template names no more was made before what it names now, or is in nobody's way.
        return (template.Status?.Resources ?? [])
            .GroupBy(made => (Plan.ClassOf(made.Group, made.Kind), places.GetValueOrDefault((made.Group, made.Kind, made.Name), int.MaxValue)))
            .OrderByDescending(step => step.Key)
            .Select(step => (IReadOnlyList<ResourceStatus>)[.. step.Reverse()]);
    }
}
