using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Capstan;
using Capstan.Caching;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Policies;

/// <summary>Finds the policy of a source namespace, compiled. Only policies of the operator's namespace count, whoever made others.</summary>
/// <remarks>
/// <para>1. The informer's cache answers, as long as the server has vouched for it by an event or a bookmark within the longest age. 2. Otherwise the last live
/// read does, if it is no older than that. 3. What neither has is a miss: the server is asked, at most once a second, before anybody is told that there is no policy.
/// Policies and templates reach us by two watches in any order, and templates without a policy must not become a load on the server.</para>
/// <para>Thread-safe.</para>
/// </remarks>
[Rbac<KubeTemplatePolicy>("list", "watch", OwnNamespace = true)]
internal sealed class PolicyBook
{
    /// <summary>Index by <c>spec.sourceNamespace</c>.</summary>
    public const string BySourceNamespace = "spec.sourceNamespace";

    private readonly Informer _policies;
    private readonly ObjectCache<DynamicObject> _cache;
    private readonly PolicyReads _reads;
    private readonly string _operatorNamespace;
    private readonly TimeSpan _longestAge;
    private readonly ConcurrentDictionary<ObjectKey, Edition> _compiled = new();
    private readonly Counter<long> _hits;
    private readonly Counter<long> _misses;

    /// <summary>Reads from the informer's cache, and adds an index and a handler to it; so this comes before the informer starts.</summary>
    /// <param name="client">Reads what the cache lacks.</param>
    /// <param name="policies">The policies of the operator's namespace.</param>
    /// <param name="operatorNamespace">That namespace.</param>
    /// <param name="longestAge">How long what is held may go without the server vouching for it.</param>
    /// <param name="meter">Where hits and misses are counted.</param>
    /// <param name="time">Clock.</param>
    public PolicyBook(KubeClient client, Informer policies, string operatorNamespace, TimeSpan longestAge, Meter meter, TimeProvider time)
    {
        policies.AddIndex<KubeTemplatePolicy>(BySourceNamespace, policy => [policy.Spec.SourceNamespace]);
        policies.AddHandler(change =>
        {
            if (change.New is null)
            {
                _compiled.TryRemove(change.Key, out _);
            }
        });
        (_policies, _cache, _operatorNamespace, _longestAge) = (policies, policies.Cache, operatorNamespace, longestAge);
        _reads = new(client, operatorNamespace, time);
        _hits = meter.CreateCounter<long>("kubetemplater_cache_hits", description: "Policies that were found in memory, compiled");
        _misses = meter.CreateCounter<long>("kubetemplater_cache_misses", description: "Policies that had to be compiled, or asked of the API server");
        _hits.Add(0);
        _misses.Add(0);
    }

    /// <summary>The one policy that governs a namespace, compiled once for each of its versions.</summary>
    /// <exception cref="TemplateException">There is none, or more than one.</exception>
    /// <exception cref="ApiException">The server had to be asked, and refused.</exception>
    /// <exception cref="HttpRequestException">The server had to be asked, and does not answer.</exception>
    public async ValueTask<CompiledPolicy> ForAsync(string sourceNamespace, CancellationToken cancellationToken)
    {
        var found = Held(sourceNamespace);
        var isHit = found.Count > 0;
        if (!isHit)
        {
            found = (await _reads.ReadAsync(cancellationToken)).For(sourceNamespace);
        }

        CompiledPolicy? policy = null;
        if (found.Count == 1)
        {
            policy = Compiled(found[0], out var isNew);
            isHit &= !isNew;
        }

        (isHit ? _hits : _misses).Add(1);
        return policy ?? throw new TemplateException(
            FailureReasons.NoPolicy,
            found.Count == 0
                ? $"no KubeTemplatePolicy found for source namespace {sourceNamespace} in operator namespace {_operatorNamespace}"
                : $"multiple KubeTemplatePolicies found for source namespace {sourceNamespace} in operator namespace {_operatorNamespace}: "
                    + string.Join(", ", found.Select(p => p.Key.Name).Order(StringComparer.Ordinal)));
    }

    /// <summary>A version of a policy, compiled; counts neither as hit nor as miss.</summary>
    public CompiledPolicy Compiled(DynamicObject policy) => Compiled(policy, out _);

    private IReadOnlyList<DynamicObject> Held(string sourceNamespace) =>
        _policies.Silence is { } silence && silence <= _longestAge ? _cache.ByIndex(BySourceNamespace, sourceNamespace)
        : _reads.Latest(_longestAge) is { } read ? read.For(sourceNamespace)
        : [];

    private CompiledPolicy Compiled(DynamicObject policy, out bool isNew)
    {
        isNew = !_compiled.TryGetValue(policy.Key, out var edition) || edition.Uid != policy.Uid || edition.Generation != policy.Generation;
        if (isNew)
        {
            // Whoever else asks meanwhile waits for the one that compiles.
            edition = new(policy.Uid, policy.Generation, new(() => new(policy.To<KubeTemplatePolicy>(), _operatorNamespace)));
            _compiled[policy.Key] = edition;
        }

        return edition!.Policy.Value;
    }

    private sealed record Edition(string? Uid, long Generation, Lazy<CompiledPolicy> Policy);
}
