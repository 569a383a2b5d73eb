using System.Buffers;
using System.Runtime.InteropServices;
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
    /// <summary>Entries that a template may have.</summary>
    public const int MaxEntries = 50;

    /// <summary>Bytes that an entry may have.</summary>
    public const int MaxEntryBytes = 1024 * 1024;

    private static readonly SearchValues<char> _namespaceCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>Judges a template that is about to be stored; what is refused counts against its policy.</summary>
    /// <param name="template">The template.</param>
    /// <param name="old">What it was before; null for a new one.</param>
    /// <param name="isDryRun">Whether nothing is going to be stored, so that nothing may be counted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TemplateException">No policy, or more than one, governs the namespace.</exception>
    /// <exception cref="ApiException">The server did not tell what it serves.</exception>
    public async ValueTask<Verdict> JudgeSubmittedAsync(KubeTemplate template, KubeTemplate? old, bool isDryRun, CancellationToken cancellationToken)
    {
        var verdict = await JudgeAsync(template, old, cancellationToken);
        if (verdict.Faults.Count > 0 && !isDryRun)
        {
            usage?.Refused(verdict.Policy);
        }

        return verdict;
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
    public async ValueTask<Verdict> JudgeAsync(KubeTemplate template, KubeTemplate? old, CancellationToken cancellationToken)
    {
        var policy = await policies.ForAsync(template.Key.Namespace, cancellationToken);
        var verdict = new Verdict(policy);
        if (template.Spec.Templates.Count > MaxEntries)
        {
            verdict.Faults.Add(new(FailureReasons.InvalidTemplate, $"too many templates: {template.Spec.Templates.Count}, and at most {MaxEntries} are allowed"));
            return verdict;
        }

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

        // An evaluation that was cancelled looks like one that failed.
        cancellationToken.ThrowIfCancellationRequested();
        return verdict;
    }

    /// <summary>What speaks against one object of a kind of which the scope is known only now.</summary>
    public IReadOnlyList<Violation> Violations(CompiledPolicy policy, Manifest manifest, bool namespaced, CancellationToken cancellationToken) =>
        policy.Violations(manifest, new() { Namespaced = namespaced, Namespace = namespaced ? NamespaceOf(manifest) : null }, cancellationToken);

    private async ValueTask JudgeAsync(Verdict verdict, Manifest manifest, EntriesBefore before, CancellationToken cancellationToken)
    {
        if (Unusable(manifest) is { } what)
        {
            throw new TemplateException(FailureReasons.InvalidTemplate, $"template[{manifest.Index}]: {what}");
        }

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

        var context = new CheckContext
        {
            Namespaced = type?.Namespaced,
            Namespace = type?.Namespaced == false ? null : NamespaceOf(manifest),
            Old = before,
            Budget = verdict.Budget,
        };
        verdict.Add(verdict.Policy.Violations(manifest, context, cancellationToken));
    }

    // Names are part of paths and of every message: what no server takes must not get as far as either.
    private static string? Unusable(Manifest manifest) =>
        manifest.Key.Name.Length > 253 ? "metadata.name is longer than 253 characters"
        : manifest.Key.Name is "." or ".." || manifest.Key.Name.AsSpan().ContainsAny('/', '%') ? "metadata.name is . or .., or has a / or %"
        : manifest.Key.Namespace.Length > 63 || manifest.Key.Namespace.AsSpan().ContainsAnyExcept(_namespaceCharacters) ? "metadata.namespace is not 1 to 63 of a-z, 0-9 and -"
        : manifest.Kind.Kind.Length > 63 ? "kind is longer than 63 characters"
        : manifest.Kind.Group.Length > 253 || manifest.Kind.Version.Length > 63 ? "apiVersion is longer than any that there is"
        : null;

    private DynamicObject? NamespaceOf(Manifest manifest) => namespaces.Get(ObjectKey.ClusterScoped(manifest.Key.Namespace));
}
