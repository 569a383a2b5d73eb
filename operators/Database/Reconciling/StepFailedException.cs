namespace Databases.Reconciling;

/// <summary>A Database cannot be made as it is wanted, for a reason that people should read in its status.</summary>
/// <param name="reason">One word in CamelCase.</param>
/// <param name="message">A sentence.</param>
/// <param name="cause">The error behind it; null when it is the operator's own decision.</param>
internal sealed class StepFailedException(string reason, string message, Exception? cause = null) : Exception(message, cause)
{
    public string Reason { get; } = reason;
}
