using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.StatefulSets;

/// <summary>The ordinals that a set wants. Pure.</summary>
internal readonly struct SetOrdinals(StatefulSetSpec spec)
{
    private readonly int _start = spec.Ordinals?.Start ?? 0;
    private readonly int _count = spec.Replicas ?? 1;
    private readonly int _partition = spec.UpdateStrategy?.Type == "OnDelete" ? 0 : spec.UpdateStrategy?.RollingUpdate?.Partition ?? 0;

    public IEnumerable<int> All => Enumerable.Range(_start, _count);

    public bool Contains(int ordinal) => ordinal >= _start && ordinal - _start < _count;

    /// <summary>Whether a pod of the ordinal is made of the current revision rather than the new one: below the partition it is.</summary>
    public bool IsCurrent(int ordinal) => ordinal < _start + _partition;
}
