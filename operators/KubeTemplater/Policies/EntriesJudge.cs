using System.Buffers;
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

    private static readonly SearchValues<char> _namespaceCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>Reads all entries of a template and judges them.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="template">The template.</param>
    /// <param name="old">What it was before the change that is judged; null in the worker and for a new one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Verdict> JudgeAsync(CompiledPolicy policy, KubeTemplate template, KubeTemplate? old, CancellationToken cancellationToken) =>
        (await ReadAsync(policy, template, old, cancellationToken)).Decide(new(), cancellationToken);

    /// <summary>Reads all entries of a template, and finds out about them what others know.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="template">The template.</param>
    /// <param name="old">What it was before the change that is judged; null in the worker and for a new one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Judgement> ReadAsync(CompiledPolicy policy, KubeTemplate template, KubeTemplate? old, CancellationToken cancellationToken)
    {
        var templates = template.Spec.Templates;
        if (templates.Count > MaxEntries)
        {
            var tooMany = new TemplateException(FailureReasons.InvalidTemplate, $"too many templates: {templates.Count}, and at most {MaxEntries} are allowed");
            return new(policy, template with { Spec = new() }, old: null, [(null, tooMany)], namespaceNamed);
        }

        var entries = new List<(Manifest? Manifest, TemplateException? Fault)>(templates.Count);
        for (var index = 0; index < templates.Count; index++)
        {
            try
            {
                var manifest = Usable(Manifest.Read(index, templates[index], template.Key.Namespace));
                entries.Add((manifest with { Namespaced = await isNamespaced(manifest.Kind, cancellationToken) }, null));
            }
            catch (TemplateException fault)
            {
                entries.Add((null, fault));
            }
        }

        return new(policy, template, old, entries, namespaceNamed);
    }

    /// <summary>What speaks against one object of a kind of which the scope is known only now.</summary>
    public IReadOnlyList<Violation> Violations(CompiledPolicy policy, Manifest manifest, bool namespaced, CancellationToken cancellationToken) =>
        policy.Violations(manifest, new() { Namespaced = namespaced, Namespace = namespaced ? namespaceNamed(manifest.Key.Namespace) : null }, cancellationToken);

    private static Manifest Usable(Manifest manifest) =>
        Unusable(manifest) is { } what ? throw new TemplateException(FailureReasons.InvalidTemplate, $"template[{manifest.Index}]: {what}") : manifest;

    // Names are part of paths and of every message: what no server takes must not get as far as either.
    private static string? Unusable(Manifest manifest) =>
        manifest.Key.Name.Length > 253 ? "metadata.name is longer than 253 characters"
        : manifest.Key.Name is "." or ".." || manifest.Key.Name.AsSpan().ContainsAny('/', '%') ? "metadata.name is . or .., or has a / or %"
        : manifest.Key.Namespace.Length > 63 || manifest.Key.Namespace.AsSpan().ContainsAnyExcept(_namespaceCharacters) ? "metadata.namespace is not 1 to 63 of a-z, 0-9 and -"
        : manifest.Kind.Kind.Length > 63 ? "kind is longer than 63 characters"
        : manifest.Kind.Group.Length > 253 || manifest.Kind.Version.Length > 63 ? "apiVersion is longer than any that there is"
        : null;
}
