using Capstan;
using Capstan.Applying;
using Capstan.Caching;
using KubeTemplater.Resources;

namespace KubeTemplater.Policies.Status;

/// <summary>Writes the status of the policies for one source namespace: one patch for each, and none where nothing is new.</summary>
/// <remarks>Counters are added to what is there, on condition that nobody wrote since it was read: other replicas add theirs. After a restart they go on.</remarks>
[Rbac<KubeTemplatePolicy>("get", OwnNamespace = true)]
[Rbac<KubeTemplatePolicy>("patch", Subresource = "status", OwnNamespace = true)]
internal sealed class PolicyStatusWriter(KubeClient client, Informer policies, Informer templates, PolicyBook book, PolicyTallies tallies, Func<ObjectKey, bool> isOurs, TimeProvider time)
{
    private const int MaxTries = 5;

    private readonly StatusWriter _writer = new(client);

    /// <summary>Writes them.</summary>
    /// <param name="sourceNamespace">The namespace.</param>
    /// <param name="isLeader">Whether to write all that is known, rather than add what was counted here.</param>
    /// <param name="cancellationToken">Gives up; what was counted is kept for the next time.</param>
    /// <exception cref="ApiException">The server refused one.</exception>
    /// <exception cref="HttpRequestException">The server does not answer.</exception>
    public async Task WriteAsync(string sourceNamespace, bool isLeader, CancellationToken cancellationToken)
    {
        var all = policies.Cache.ByIndex(PolicyBook.BySourceNamespace, sourceNamespace);
        foreach (var policy in all)
        {
            // Of several replicas that all work, one writes the whole of a policy's status: whose key it is.
            var (tally, isWhole) = (tallies.Take(policy.Key, policy.Uid), isLeader && isOurs(policy.Key));
            try
            {
                if (isWhole || tally is not null)
                {
                    await WriteAsync(policy, sourceNamespace, [.. all.Where(other => other.Key != policy.Key).Select(other => other.Key.Name)], tally, isWhole, cancellationToken);
                }
            }
            catch when (Kept(policy, tally))
            {
            }
        }
    }

    private async Task WriteAsync(
        DynamicObject policy, string sourceNamespace, IReadOnlyList<string> rivals, PolicyTally? tally, bool isLeader, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var current = policy.To<KubeTemplatePolicy>();
            if (current.Spec.SourceNamespace != sourceNamespace)
            {
                // Changed this moment; the watch is about to tell.
                isLeader = false;
            }

            var status = isLeader
                ? PolicyStatusReport.Whole(book.Compiled(policy), current.Status, rivals, templates.Cache.List(new() { Namespace = sourceNamespace }).Count, tally, time)
                : PolicyStatusReport.Counted(current.Status, tally);
            try
            {
                await _writer.WriteAsync(current, current with { Status = status }, onlyThisVersion: true, cancellationToken);
                return;
            }
            catch (ApiException e) when (e.IsConflict && tries < MaxTries)
            {
                var live = await client.GetAsync(KubeTemplatePolicy.Resource, policy.Key, cancellationToken);
                if (live.Uid != policy.Uid)
                {
                    return;
                }

                policy = live;
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                return;
            }
        }
    }

    // Always false: it keeps what was counted and lets the exception pass.
    private bool Kept(DynamicObject policy, PolicyTally? tally)
    {
        if (tally is { } counted)
        {
            tallies.Add(policy.Key, policy.Uid, counted);
        }

        return false;
    }
}
