namespace Capstan;

/// <summary>Brings the world to what several objects ask for, at once: where that is cheaper than one by one.</summary>
/// <remarks>
/// <para>Flow: as soon as a key is ready, it and those that are ready beside it, in their turn and <see cref="MaxBatchSize"/> at most, are grouped by <see cref="GroupOf"/>; each group is one call of
/// <see cref="ReconcileAsync"/>. At most <see cref="ControllerBuilder.MaxConcurrentReconciles"/> of them run at a time.</para>
/// <para>Guarantees: a key is in one batch at a time, and given back when its batch has ended. Each key has an answer of its own, so that one that fails has no
/// effect on its neighbours.</para>
/// <para>Contract: as that of <see cref="Reconciler"/>.</para>
/// </remarks>
public abstract class BatchReconciler
{
    /// <summary>Keys that are taken at once, at most. Default 100.</summary>
    public virtual int MaxBatchSize => 100;

    /// <summary>Keys of one group come in one batch. Must be cheap; if it throws, the key counts as failed. Default: all keys are of one group.</summary>
    public virtual string GroupOf(ObjectKey key) => "";

    /// <summary>Reconciles the objects of a batch, any of which may no longer exist, and answers for each.</summary>
    /// <remarks>Keys without an answer fail: with what this throws, or because there is none. Those that have one keep it whatever this throws.</remarks>
    /// <param name="batch">The keys, and where the answers go.</param>
    /// <param name="cancellationToken">As that of <see cref="Reconciler.ReconcileAsync"/>.</param>
    public abstract Task ReconcileAsync(ReconcileBatch batch, CancellationToken cancellationToken);
}
