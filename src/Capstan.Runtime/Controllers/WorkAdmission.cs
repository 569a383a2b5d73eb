namespace Capstan.Controllers;

/// <summary>Which keys are for this replica, when several share them.</summary>
/// <param name="Wants">Whether a change of the key is worth a place in the queue. Cheap, from any thread.</param>
/// <param name="Begin">Asked when a run is about to start; null: not here and now. Called in the flow of the run, so that what it sets there holds for the run.</param>
internal sealed record WorkAdmission(Func<ObjectKey, bool> Wants, Func<ObjectKey, WorkPermit?> Begin);

/// <summary>Allows one run of one key, until it is disposed when the run has ended.</summary>
/// <param name="lost">Cancelled when the run may not go on.</param>
/// <param name="ended">Called once the run has ended.</param>
internal sealed class WorkPermit(CancellationToken lost, Action ended) : IDisposable
{
    public CancellationToken Lost => lost;

    public void Dispose() => ended();
}
