using System.Buffers;
using System.Runtime.InteropServices;
using Capstan;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Policies;

/// <summary>Holds the entries of a template to a policy, wherever what is known of kinds and namespaces comes from: a cluster, or files.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="isNamespaced">Whether objects of a kind live in a namespace; null when nobody knows.</param>
/// <param name="namespaceNamed">Metadata of a namespace; null when it is not there or not known.</param>
internal sealed class EntriesJudge(Func<GroupVersionKind, CancellationToken, ValueTask<bool?>> isNamespaced, Func<string, DynamicObject?> namespaceNamed)
{
    /// <summary>Entries that a template may have.</summary>
    public const int MaxEntries = 50;

    /// <summary>Bytes that an entry may have.</summary>
    public const int MaxEntryBytes = 1024 * 1024;

    private static readonly SearchValues<char> _namespaceCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>Reads all entries of a template and judges them.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="template">The template.</param>
    /// <param name="old">What it was before the change that is judged; null in the worker and for a new one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Verdict> JudgeAsync(CompiledPolicy policy, KubeTemplate template, KubeTemplate? old, CancellationToken cancellationToken)
    {
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

        manifest = manifest with { Namespaced = await isNamespaced(manifest.Kind, cancellationToken) };
        verdict.Manifests.Add(manifest);
        if (manifest.Namespaced is null)
        {
            verdict.OfUnknownScope.Add(manifest);
        }

        var context = new CheckContext
        {
            Namespaced = manifest.Namespaced,
            Namespace = manifest.Namespaced == false ? null : NamespaceOf(manifest),
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

    private DynamicObject? NamespaceOf(Manifest manifest) => namespaceNamed(manifest.Key.Namespace);
}
