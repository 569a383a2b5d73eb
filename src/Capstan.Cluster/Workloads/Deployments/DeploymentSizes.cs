using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Deployments;

/// <summary>How many pods a Deployment wants, and how many more or fewer it bears while they are replaced. Pure.</summary>
internal readonly struct DeploymentSizes(DeploymentSpec spec)
{
    public int Replicas { get; } = spec.Replicas ?? 1;

    public bool IsRolling => spec.Strategy?.Type is null or "RollingUpdate";

    public int MaxSurge => IsRolling ? Surge : 0;

    /// <summary>Never none beside a surge of none: then nothing could be replaced.</summary>
    public int MaxUnavailable
    {
        get
        {
            if (!IsRolling || Replicas == 0)
            {
                return 0;
            }

            var unavailable = (spec.Strategy?.RollingUpdate?.MaxUnavailable ?? 0).ScaledOf(Replicas, roundUp: false);
            return Math.Min(unavailable == 0 && Surge == 0 ? 1 : unavailable, Replicas);
        }
    }

    public int MinAvailable => Replicas - MaxUnavailable;

    private int Surge => (spec.Strategy?.RollingUpdate?.MaxSurge ?? 0).ScaledOf(Replicas, roundUp: true);

    /// <summary>How large the new set may be now.</summary>
    /// <param name="all">All sets, the new one among them if it is there.</param>
    /// <param name="size">Size of the new one.</param>
    public int NewReplicas(IEnumerable<ReplicaSet> all, int size)
    {
        if (!IsRolling)
        {
            return Replicas;
        }

        // Pods of a set that shrinks are there until they are deleted.
        var room = Replicas + Surge - all.Sum(static set => Math.Max(set.Spec.Replicas ?? 0, set.Status?.Replicas ?? 0));
        return room <= 0 ? size : size + Math.Min(room, Replicas - size);
    }

    /// <summary>How much a set grows or shrinks with the Deployment: by as much as it is of it.</summary>
    /// <param name="set">The set.</param>
    /// <param name="total">Pods that the Deployment has.</param>
    /// <param name="change">By how many pods all sets together are to grow.</param>
    /// <param name="changed">By how many those before this one do.</param>
    public int Proportion(ReplicaSet set, int total, int change, int changed)
    {
        var size = set.Spec.Replicas ?? 0;
        if (size == 0 || change == 0 || change == changed)
        {
            return 0;
        }

        var share = Share(set, size, total);
        return change > 0 ? Math.Min(share, change - changed) : Math.Max(share, change - changed);
    }

    public static int Total(IEnumerable<ReplicaSet> sets) => sets.Sum(static set => set.Spec.Replicas ?? 0);

    private int Share(ReplicaSet set, int size, int total)
    {
        if (Replicas == 0)
        {
            return -size;
        }

        var before = ReplicaSetNotes.Max(set) is { } max and > 0 ? max : total;
        return before == 0 ? 0 : (int)Math.Round((double)size * (Replicas + MaxSurge) / before, MidpointRounding.AwayFromZero) - size;
    }
}
