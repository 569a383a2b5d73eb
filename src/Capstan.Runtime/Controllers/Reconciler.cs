namespace Capstan;

/// <summary>Brings the world to what one object asks for.</summary>
/// <remarks>
/// <para>Contract: it is told which object, not what happened; it reads the present state, and running it once more changes nothing.
/// It is never called for one key twice at a time, but for different keys at the same time.</para>
/// <para>An exception means: again after a backoff (<see cref="TerminalException"/>: not again until something changes). It harms no other key.</para>
/// </remarks>
public abstract class Reconciler
{
    /// <summary>Reconciles one object, which may no longer exist.</summary>
    /// <param name="key">The object.</param>
    /// <param name="cancellationToken">Cancelled when the run exceeds the controller's timeout, when leadership is lost, or when the operator's time to stop is over.</param>
    public abstract Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken);
}
