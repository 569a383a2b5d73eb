namespace Capstan.Queueing;

/// <summary>Why a key waits for a run. A higher one is taken first, but what has waited long overtakes (<see cref="WorkQueueOptions.AgeingStep"/>).</summary>
public enum Priority : byte
{
    /// <summary>Nothing is known to have changed: the first list after a start, and periodic replays.</summary>
    Resync = 0,

    /// <summary>A managed object was changed by someone else, or a periodic check of it is due.</summary>
    Drift = 1,

    /// <summary>A run that failed, or asked to run again.</summary>
    Retry = 2,

    /// <summary>Somebody changed the object, or what it depends on.</summary>
    UserChange = 3,
}
