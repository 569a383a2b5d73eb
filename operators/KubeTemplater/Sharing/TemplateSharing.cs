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
        if (options.Sharding)
        {
            var leader = new ObjectKey(options.OperatorNamespace, KubeTemplaterOperator.LeaseNameOf(options.WatchNamespaces));
            builder.AddWorkGate(new OtherReplicas(async stop => await builder.Client.FindAsync<Lease>(leader, stop) is { } lease ? [lease] : [], time, logger).WaitUntilGoneAsync);
        }
        else if (options.LeaderElect)
        {
            var sharing = new ListOptions { Namespace = options.OperatorNamespace, LabelSelector = $"{GroupLabel}={GroupOf(options)}" };
            builder.AddWorkGate(new OtherReplicas(async stop => (await builder.Client.ListAsync<Lease>(sharing, stop)).Items, time, logger).WaitUntilGoneAsync);
        }
    }

    private static string GroupOf(KubeTemplaterOptions options) => GroupName + KubeTemplaterOperator.LeaseNameOf(options.WatchNamespaces)[KubeTemplaterOperator.LeaseName.Length..];
}
