namespace Databases.Dumps;

/// <summary>Where one run has brought a Backup or a Restore.</summary>
/// <param name="Phase">Pending, InProgress, Completed or Failed.</param>
/// <param name="Reason">One word in CamelCase.</param>
/// <param name="Message">A sentence.</param>
internal sealed record DumpOutcome(string Phase, string Reason, string Message)
{
    public const string Pending = "Pending";
    public const string InProgress = "InProgress";
    public const string Completed = "Completed";
    public const string Failed = "Failed";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <summary>Another look after this time, whatever happens before; null: when something changes.</summary>
    public TimeSpan? LookAgainAfter { get; init; }

    /// <summary>Whether people should be warned.</summary>
    public bool IsWarning { get; init; } = Phase == Failed;

    /// <summary>When it was done.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>It waits for something that others must bring.</summary>
    public static DumpOutcome Waits(string reason, string message) => new(Pending, reason, message) { LookAgainAfter = Pause, IsWarning = true };
}
