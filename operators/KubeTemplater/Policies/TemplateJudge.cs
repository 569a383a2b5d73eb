using Capstan;
using Capstan.Caching;
using KubeTemplater.Policies.Status;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Policies;

/// <summary>Holds templates to the policy of their namespace. Admission and worker ask the same, so that what one refuses the other does not make.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="policies">Finds the policy.</param>
/// <param name="discovery">Knows which kinds live in a namespace.</param>
/// <param name="namespaces">Metadata of the namespaces.</param>
/// <param name="usage">Counts for the policies' status; null for whoever only tries.</param>
internal sealed class TemplateJudge(PolicyBook policies, Discovery discovery, ObjectCache<DynamicObject> namespaces, PolicyUsage? usage = null)
{
    private readonly EntriesJudge _entries = new(
        async (kind, cancellationToken) => (await discovery.FindAsync(kind, cancellationToken))?.Namespaced,
        name => namespaces.Get(ObjectKey.ClusterScoped(name)));

    /// <summary>Reads a template that is about to be stored, for its judgement.</summary>
    /// <param name="template">The template.</param>
    /// <param name="old">What it was before; null for a new one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TemplateException">No policy, or more than one, governs the namespace.</exception>
    /// <exception cref="ApiException">The server did not tell what it serves.</exception>
    public async ValueTask<Judgement> ReadAsync(KubeTemplate template, KubeTemplate? old, CancellationToken cancellationToken) =>
        await _entries.ReadAsync(await policies.ForAsync(template.Key.Namespace, cancellationToken), template, old, cancellationToken);

    /// <summary>Counts what was decided on a template that is about to be stored, and not tried only: what is refused counts against its policy.</summary>
    public void Count(Verdict verdict)
    {
        if (verdict.Faults.Count > 0)
        {
            usage?.Refused(verdict.Policy);
        }
    }

    /// <summary>Judges a template that is stored, and counts it for or against its policy if that is news.</summary>
    /// <param name="template">The template, with the status of its last run.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TemplateException">No policy, or more than one, governs the namespace.</exception>
    /// <exception cref="ApiException">The server did not tell what it serves.</exception>
    public async ValueTask<Verdict> JudgeStoredAsync(KubeTemplate template, CancellationToken cancellationToken)
    {
        var verdict = await JudgeAsync(template, old: null, cancellationToken);
        usage?.Judged(template, verdict);
        return verdict;
    }

    /// <summary>Reads all entries of a template and judges them.</summary>
    /// <param name="template">The template.</param>
    /// <param name="old">What it was before the change that is judged; null in the worker and for a new one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TemplateException">No policy, or more than one, governs the namespace.</exception>
    /// <exception cref="ApiException">The server did not tell what it serves.</exception>
    public async ValueTask<Verdict> JudgeAsync(KubeTemplate template, KubeTemplate? old, CancellationToken cancellationToken) =>
        (await ReadAsync(template, old, cancellationToken)).Decide(new(), cancellationToken);

    /// <summary>What speaks against one object of a kind of which the scope is known only now.</summary>
    public IReadOnlyList<Violation> Violations(CompiledPolicy policy, Manifest manifest, bool namespaced, CancellationToken cancellationToken) =>
        _entries.Violations(policy, manifest, namespaced, cancellationToken);
}
