using KubeTemplater.Policies;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Applying;

/// <summary>One pass over the entries of a template that may be applied: in their order, up to the first that cannot.</summary>
internal sealed class TemplateRun(ObjectApplier applier, TemplateJudge judge)
{
    /// <summary>Applies the entries.</summary>
    /// <param name="template">The template.</param>
    /// <param name="verdict">What the policy says of it; it must not be refused.</param>
    /// <param name="cancellationToken">Gives up; whether the server took the object that was under way is then unknown.</param>
    public async Task<RunResult> ApplyAsync(KubeTemplate template, Verdict verdict, CancellationToken cancellationToken)
    {
        var resources = new List<ResourceStatus>(verdict.Manifests.Count);
        foreach (var manifest in verdict.Manifests)
        {
            try
            {
                var applied = await applier.ApplyAsync(template, manifest, namespaced => JudgeAgain(verdict, manifest, namespaced, cancellationToken), cancellationToken);
                resources.Add(Report(manifest, ResourceStates.Applied) with { Namespace = applied.Key.Namespace is { Length: > 0 } ns ? ns : null, Uid = applied.Uid });
            }
            catch (TemplateException why)
            {
                resources.Add(Report(manifest, ResourceStates.Failed) with { Message = why.Message });
                return new(resources, why);
            }
        }

        return new(resources, Failure: null);
    }

    private static ResourceStatus Report(Manifest manifest, string state) => new()
    {
        Id = manifest.Entry.Id ?? manifest.Index.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Group = manifest.Kind.Group,
        Version = manifest.Kind.Version,
        Kind = manifest.Kind.Kind,
        Namespace = manifest.Key.Namespace,
        Name = manifest.Key.Name,
        State = state,
    };

    // A kind that was not served when it was judged may turn out to be cluster-scoped, and such objects need a rule that names them in full.
    private void JudgeAgain(Verdict verdict, Manifest manifest, bool namespaced, CancellationToken cancellationToken)
    {
        if (namespaced || !verdict.OfUnknownScope.Contains(manifest))
        {
            return;
        }

        var late = new Verdict(verdict.Policy);
        late.Add(judge.Violations(verdict.Policy, manifest, namespaced, cancellationToken));
        late.Demand();
    }
}

/// <summary>What a run did.</summary>
/// <param name="Resources">What became of each entry that was tried.</param>
/// <param name="Failure">Why it ended early; null when all is applied.</param>
internal sealed record RunResult(IReadOnlyList<ResourceStatus> Resources, TemplateException? Failure)
{
    /// <summary>Entries that the server has as wanted.</summary>
    public int Synced => Resources.Count(resource => resource.State is ResourceStates.Applied or ResourceStates.Ready);

    /// <summary>Returns if all is applied.</summary>
    /// <exception cref="TemplateException">It is not.</exception>
    public void Demand()
    {
        if (Failure is not null)
        {
            throw Failure;
        }
    }
}
