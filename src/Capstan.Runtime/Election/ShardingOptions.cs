namespace Capstan;

/// <summary>How several replicas share the keys of their controllers, so that each works on some of them and all work at once.</summary>
/// <remarks>The durations must satisfy: lease &gt; renew deadline &gt; 1.2 × retry period. Not together with leader election. docs/sharding.md says what holds and why.</remarks>
public sealed class ShardingOptions
{
    /// <summary>Whether keys are shared. Default false: this replica works on all.</summary>
    public bool Enabled { get; set; }

    /// <summary>Name of the group of replicas that share keys: begins the names of their Leases, and is their label. Needed when enabled; at most 40 characters of a DNS label.</summary>
    public string Group { get; set; } = "";

    /// <summary>Namespace of the Leases. Default <c>default</c>.</summary>
    public string Namespace { get; set; } = "default";

    /// <summary>How long the others wait, without seeing a renewal, before they take this replica's keys. Default 15 s. Whole seconds.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long this replica works without a successful renewal. Default 10 s.</summary>
    public TimeSpan RenewDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between renewals, and between tries. Default 2 s.</summary>
    public TimeSpan RetryPeriod { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether the caches of kinds that controllers are for, or own, hold the objects of this replica's keys only. Default true.</summary>
    /// <remarks>A reconciler then sees no other object of such a kind in the cache than its own key's; with false each replica holds all.
    /// Kinds that a controller watches with a mapping, or that none uses, are always held whole.</remarks>
    public bool HoldOwnKeysOnly { get; set; } = true;

    /// <summary>Throws when the options contradict each other.</summary>
    internal void Validate()
    {
        if (!Enabled)
        {
            return;
        }

        if (Group.Length is 0 or > 40 || Group.Any(one => one is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '-')) || Group.StartsWith('-'))
        {
            throw new ArgumentException($"sharding needs a Group of 1 to 40 lower-case letters, digits and '-', not '{Group}'");
        }

        if (Namespace.Length == 0)
        {
            throw new ArgumentException("sharding needs a Namespace");
        }

        if (LeaseDuration <= RenewDeadline || RenewDeadline <= 1.2 * RetryPeriod || RetryPeriod <= TimeSpan.Zero)
        {
            throw new ArgumentException(
                $"sharding: the lease duration ({LeaseDuration}) must exceed the renew deadline ({RenewDeadline}), and that 1.2 times the retry period ({RetryPeriod})");
        }
    }
}
