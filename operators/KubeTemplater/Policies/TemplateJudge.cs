using System.Runtime.InteropServices;
using Capstan;
using Capstan.Caching;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Policies;

/// <summary>Holds templates to the policy of their namespace. Admission and worker ask the same, so that what one refuses the other does not make.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class TemplateJudge(PolicyBook policies, Discovery discovery, ObjectCache<DynamicObject> namespaces)
{
    /// <summary>Entries that a template may have.</summary>
    public const int MaxEntries = 50;

    /// <summary>Bytes that an entry may have.</summary>
    public const int MaxEntryBytes = 1024 * 1024;

    /// <summary>Reads all entries of a template and judges them.</summary>
    /// <param name="template">The template.</param>
    /// <param name="old">What it was before the change that is judged; null in the worker and for a new one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TemplateException">No policy, or more than one, governs the namespace, or there are too many entries.</exception>
    /// <exception cref="ApiException">The server did not tell what it serves.</exception>
    public async ValueTask<Verdict> JudgeAsync(KubeTemplate template, KubeTemplate? old, CancellationToken cancellationToken)
    {
        var policy = await policies.ForAsync(template.Key.Namespace, cancellationToken);
        if (template.Spec.Templates.Count > MaxEntries)
        {
            throw new TemplateException(FailureReasons.InvalidTemplate, $"too many templates: {template.Spec.Templates.Count}, and at most {MaxEntries} are allowed");
        }

        var verdict = new Verdict(policy);
        var before = new EntriesBefore(old);
        foreach (var (index, entry) in template.Spec.Templates.Index())
        {
            try
            {
                await JudgeAsync(verdict, Manifest.Read(index, entry, template.Key.Namespace), before, cancellationToken);
            }
            catch (TemplateException fault)
            {
                verdict.Faults.Add(fault);
            }
        }

        verdict.Faults.AddRange(Plan.Faults(template.Spec.Templates, verdict.Manifests));
        return verdict;
    }

    /// <summary>What speaks against one object of a kind of which the scope is known only now.</summary>
    public IReadOnlyList<Violation> Violations(CompiledPolicy policy, Manifest manifest, bool namespaced, CancellationToken cancellationToken) =>
        policy.Violations(manifest, new() { Namespaced = namespaced, Namespace = NamespaceOf(manifest) }, cancellationToken);

    private async ValueTask JudgeAsync(Verdict verdict, Manifest manifest, EntriesBefore before, CancellationToken cancellationToken)
    {
        if (JsonMarshal.GetRawUtf8Value(manifest.Entry.Object).Length > MaxEntryBytes)
        {
            throw new TemplateException(FailureReasons.InvalidTemplate, $"{manifest}: larger than {MaxEntryBytes} bytes");
        }

        var type = await discovery.FindAsync(manifest.Kind, cancellationToken);
        manifest = manifest with { Namespaced = type?.Namespaced };
        verdict.Manifests.Add(manifest);
        if (type is null)
        {
            verdict.OfUnknownScope.Add(manifest);
        }

        var context = new CheckContext { Namespaced = type?.Namespaced, Namespace = NamespaceOf(manifest), OldObject = before.Of(manifest) };
        verdict.Add(verdict.Policy.Violations(manifest, context, cancellationToken));
    }

    private DynamicObject? NamespaceOf(Manifest manifest) => namespaces.Get(ObjectKey.ClusterScoped(manifest.Key.Namespace));
}
