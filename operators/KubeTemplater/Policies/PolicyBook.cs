using Capstan.Caching;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Policies;

/// <summary>Finds the policy of a source namespace in the informer's cache, which holds the operator's namespace only:
/// a policy elsewhere counts for nothing, whoever made it.</summary>
/// <remarks>Thread-safe; makes no API call.</remarks>
internal sealed class PolicyBook
{
    /// <summary>Index by <c>spec.sourceNamespace</c>.</summary>
    public const string BySourceNamespace = "spec.sourceNamespace";

    private readonly ObjectCache<KubeTemplatePolicy> _policies;
    private readonly string _operatorNamespace;

    /// <summary>Reads from the given cache, and adds the index to it; so this comes before the informer starts.</summary>
    public PolicyBook(Informer policies, string operatorNamespace)
    {
        policies.AddIndex<KubeTemplatePolicy>(BySourceNamespace, policy => [policy.Spec.SourceNamespace]);
        _policies = policies.CacheOf<KubeTemplatePolicy>();
        _operatorNamespace = operatorNamespace;
    }

    /// <summary>The one policy that governs a namespace.</summary>
    /// <exception cref="TemplateException">There is none, or more than one.</exception>
    public KubeTemplatePolicy For(string sourceNamespace)
    {
        var found = _policies.ByIndex(BySourceNamespace, sourceNamespace);
        return found.Count switch
        {
            1 => found[0],
            0 => throw new TemplateException(
                FailureReasons.NoPolicy,
                $"no KubeTemplatePolicy found for source namespace {sourceNamespace} in operator namespace {_operatorNamespace}"),
            _ => throw new TemplateException(
                FailureReasons.NoPolicy,
                $"multiple KubeTemplatePolicies found for source namespace {sourceNamespace} in operator namespace {_operatorNamespace}: "
                + string.Join(", ", found.Select(p => p.Metadata.Name).Order(StringComparer.Ordinal))),
        };
    }
}
