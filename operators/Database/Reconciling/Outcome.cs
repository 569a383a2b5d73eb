using Databases.Resources;

namespace Databases.Reconciling;

/// <summary>Where one run has brought a Database.</summary>
/// <param name="Phase">The first of its phases that is not done yet.</param>
/// <param name="Reason">One word in CamelCase, for the conditions.</param>
/// <param name="Message">A sentence.</param>
internal sealed record Outcome(string Phase, string Reason, string Message)
{
    /// <summary>Whether the operator goes on by itself; else it waits for somebody.</summary>
    public bool IsProgressing { get; init; } = true;

    /// <summary>Another look after this time, whatever happens before; null: when something changes.</summary>
    public TimeSpan? LookAgainAfter { get; init; }

    /// <summary>Something that is wanted and was refused, while the rest is as it should be.</summary>
    public (string Reason, string Message)? Refusal { get; init; }

    /// <summary>Servers that are ready.</summary>
    public int? ReadyReplicas { get; init; }

    /// <summary>All is as wanted.</summary>
    public static Outcome Ready(string message) => new(Phases.Ready, "AllChecksPassed", message) { IsProgressing = false };

    /// <summary>It cannot go on.</summary>
    public static Outcome Failed(string reason, string message) => new(Phases.Failed, reason, message) { IsProgressing = false };
}
