using System.Collections.Concurrent;
using Capstan;
using Capstan.Caching;
using Capstan.Queueing;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Policies;

/// <summary>Finds the policy of a source namespace in the informer's cache, which holds the operator's namespace only:
/// a policy elsewhere counts for nothing, whoever made it.</summary>
/// <remarks>
/// Thread-safe. A policy and a template that were made one after the other reach us by two watches in any order, so before a template is
/// refused for want of a policy the server itself is asked, at most once a second: templates without one cannot become a load on it.
/// </remarks>
[Rbac<KubeTemplatePolicy>("list", "watch", OwnNamespace = true)]
internal sealed class PolicyBook
{
    /// <summary>Index by <c>spec.sourceNamespace</c>.</summary>
    public const string BySourceNamespace = "spec.sourceNamespace";

    private readonly KubeClient _client;
    private readonly ObjectCache<KubeTemplatePolicy> _policies;
    private readonly string _operatorNamespace;
    private readonly TokenBucket _liveReads;
    private readonly ConcurrentDictionary<ObjectKey, CompiledPolicy> _compiled = new();

    /// <summary>Reads from the informer's cache, and adds the index to it; so this comes before the informer starts.</summary>
    public PolicyBook(KubeClient client, Informer policies, string operatorNamespace, TimeProvider time)
    {
        policies.AddIndex<KubeTemplatePolicy>(BySourceNamespace, policy => [policy.Spec.SourceNamespace]);
        _client = client;
        _policies = policies.CacheOf<KubeTemplatePolicy>();
        _operatorNamespace = operatorNamespace;
        _liveReads = new TokenBucket(perSecond: 1, burst: 1, time);
    }

    /// <summary>The one policy that governs a namespace, compiled once for each of its versions.</summary>
    /// <exception cref="TemplateException">There is none, or more than one.</exception>
    public async ValueTask<CompiledPolicy> ForAsync(string sourceNamespace, CancellationToken cancellationToken)
    {
        var found = _policies.ByIndex(BySourceNamespace, sourceNamespace);
        if (found.Count == 0 && _liveReads.Allow())
        {
            found = await ReadAsync(sourceNamespace, cancellationToken);
        }

        return found.Count switch
        {
            1 => Compiled(found[0]),
            0 => throw new TemplateException(
                FailureReasons.NoPolicy,
                $"no KubeTemplatePolicy found for source namespace {sourceNamespace} in operator namespace {_operatorNamespace}"),
            _ => throw new TemplateException(
                FailureReasons.NoPolicy,
                $"multiple KubeTemplatePolicies found for source namespace {sourceNamespace} in operator namespace {_operatorNamespace}: "
                + string.Join(", ", found.Select(p => p.Metadata.Name).Order(StringComparer.Ordinal))),
        };
    }

    private CompiledPolicy Compiled(KubeTemplatePolicy policy)
    {
        if (_compiled.TryGetValue(policy.Key, out var known) && known.Policy.Metadata.Uid == policy.Metadata.Uid && known.Policy.Metadata.Generation == policy.Metadata.Generation)
        {
            return known;
        }

        return _compiled[policy.Key] = new(policy, _operatorNamespace);
    }

    /// <summary>Lets a policy go that is deleted.</summary>
    public void Forget(ObjectKey policy) => _compiled.TryRemove(policy, out _);

    private async Task<IReadOnlyList<KubeTemplatePolicy>> ReadAsync(string sourceNamespace, CancellationToken cancellationToken)
    {
        var live = await _client.ListAsync<KubeTemplatePolicy>(new() { Namespace = _operatorNamespace }, cancellationToken);
        return [.. live.Items.Where(p => p.Spec.SourceNamespace == sourceNamespace)];
    }
}
