namespace Capstan;

/// <summary>Which replica works, when there are several.</summary>
/// <remarks>
/// <para>The durations must satisfy: lease &gt; renew deadline &gt; 1.2 × retry period.</para>
/// <para>Rights on Leases in the namespace: create, and of the one named get and update; list and watch are what a follower needs to take over within a moment of a
/// release, and a lease after the last renewal of a leader that died. Without them it takes up to 1.2 retry periods more.</para>
/// </remarks>
public sealed class LeaderElectionOptions
{
    /// <summary>Whether to wait for leadership before any controller works. Default false.</summary>
    public bool Enabled { get; set; }

    /// <summary>Name of the Lease that the replicas compete for. Needed when enabled.</summary>
    public string LeaseName { get; set; } = "";

    /// <summary>Namespace of the Lease. Default <c>default</c>.</summary>
    public string Namespace { get; set; } = "default";

    /// <summary>Name of this replica in the Lease. Default: host name and a random part, so that a restarted replica is another one.</summary>
    public string? Identity { get; set; }

    /// <summary>How long the others wait, without seeing a renewal, before they take over. Default 15 s. Whole seconds.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the leader works without a successful renewal. Default 10 s.</summary>
    public TimeSpan RenewDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between tries to take or renew. Default 2 s.</summary>
    public TimeSpan RetryPeriod { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Throws when the options contradict each other.</summary>
    internal void Validate()
    {
        if (!Enabled)
        {
            return;
        }

        if (LeaseName.Length == 0)
        {
            throw new ArgumentException("leader election needs a LeaseName");
        }

        if (Namespace.Length == 0)
        {
            throw new ArgumentException("leader election needs a Namespace");
        }

        if (LeaseDuration <= RenewDeadline || RenewDeadline <= 1.2 * RetryPeriod || RetryPeriod <= TimeSpan.Zero)
        {
            throw new ArgumentException(
                $"leader election: the lease duration ({LeaseDuration}) must exceed the renew deadline ({RenewDeadline}), and that 1.2 times the retry period ({RetryPeriod})");
        }
    }
}
