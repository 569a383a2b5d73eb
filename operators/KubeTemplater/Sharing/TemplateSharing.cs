using Capstan;
using Capstan.Election;
using Microsoft.Extensions.Logging;

namespace KubeTemplater.Sharing;

/// <summary>How replicas share the templates, and how that and leader election keep out of each other's way: while a rollout changes one into the other, both kinds of replica run.</summary>
internal static class TemplateSharing
{
    private const string GroupName = "kubetemplater";
    private const string GroupLabel = "capstan.internal/shard-group";

    /// <summary>What the runtime is told.</summary>
    public static ShardingOptions OptionsOf(KubeTemplaterOptions options) => new()
    {
        Enabled = options.Sharding,
        Group = GroupOf(options),
        Namespace = options.OperatorNamespace,
    };

    /// <summary>Has a replica that shares wait for a leader to stop, and a leader for those that share. Without either there is one replica, and nothing to wait for.</summary>
    public static void AddTo(OperatorBuilder builder, KubeTemplaterOptions options, TimeProvider time, ILogger logger)
    {
        var (client, group) = (builder.Client, GroupOf(options));
        if (options.Sharding)
        {
            var leader = new ObjectKey(options.OperatorNamespace, KubeTemplaterOperator.LeaseNameOf(options.WatchNamespaces));
            var leaders = new OtherReplicas(async stop => await client.FindAsync<Lease>(leader, stop) is { } lease ? [lease] : [], time, logger);
            var notice = new SharingNotice(client, options.OperatorNamespace, group, time);
            var joined = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            builder.Ownership.Changed += () => joined.TrySetResult();
            builder.AddWorkGate(new SharingEntry(leaders, notice, time, logger).WaitAsync);
            builder.AddRunnable(stop => notice.WithdrawOnceAsync(joined.Task, stop));
        }
        else if (options.LeaderElect)
        {
            var members = new ListOptions { Namespace = options.OperatorNamespace, LabelSelector = $"{GroupLabel}={group}" };
            builder.AddWorkGate(new OtherReplicas(SharingAsync, time, logger).WaitUntilGoneAsync);

            // Those that are about to share first: they take their notice back once they are members.
            async Task<IReadOnlyList<Lease>> SharingAsync(CancellationToken stop) =>
                [.. (await client.ListAsync<Lease>(SharingNotice.Of(options.OperatorNamespace, group), stop)).Items, .. (await client.ListAsync<Lease>(members, stop)).Items];
        }
    }

    private static string GroupOf(KubeTemplaterOptions options) => GroupName + KubeTemplaterOperator.LeaseNameOf(options.WatchNamespaces)[KubeTemplaterOperator.LeaseName.Length..];
}
