using Capstan;
using Capstan.Applying;
using KubeTemplater.Resources;

namespace KubeTemplater.Policies.Status;

/// <summary>Turns what is known of a policy into the status that people read.</summary>
internal static class PolicyStatusReport
{
    /// <summary>Condition type: whether the policy is in force with all its rules.</summary>
    public const string Ready = "Ready";

    /// <summary>Condition type: whether all rules could be compiled.</summary>
    public const string Valid = "Valid";

    /// <summary>Condition type: whether another policy names the same namespace, so that none of them is in force.</summary>
    public const string Conflicting = "Conflicting";

    // A status must stay readable; what is longer helps nobody and counts against the object's size.
    private const int MaxMessageLength = 4096;

    /// <summary>The status with a tally added, and nothing else changed: all that a replica may say that does not lead.</summary>
    public static KubeTemplatePolicyStatus Counted(KubeTemplatePolicyStatus? current, PolicyTally? tally) => (current ?? new()) with
    {
        ValidationSuccesses = (current?.ValidationSuccesses ?? 0) + (tally?.Successes ?? 0),
        ValidationFailures = (current?.ValidationFailures ?? 0) + (tally?.Failures ?? 0),
        LastValidationTime = tally is { } counted && !(current?.LastValidationTime > counted.LastAt) ? KubeTime.Truncate(counted.LastAt) : current?.LastValidationTime,
    };

    /// <summary>The whole status.</summary>
    /// <param name="policy">The policy as it is, compiled.</param>
    /// <param name="current">Its status.</param>
    /// <param name="rivals">Names of other policies for the same namespace.</param>
    /// <param name="templates">Number of templates in that namespace.</param>
    /// <param name="tally">What to add to the counters.</param>
    /// <param name="time">Gives the time of a change of condition.</param>
    public static KubeTemplatePolicyStatus Whole(
        CompiledPolicy policy, KubeTemplatePolicyStatus? current, IReadOnlyList<string> rivals, int templates, PolicyTally? tally, TimeProvider time)
    {
        var all = new List<Condition>(current?.Conditions ?? []);
        var faults = Shortened(string.Join("; ", policy.Faults));
        var isValid = faults.Length == 0;
        var conflict = Shortened($"named by {string.Join(", ", rivals)} as well: of several policies for namespace {policy.Policy.Spec.SourceNamespace} none is in force");
        Set(Valid, isValid, isValid ? "Compiled" : "InvalidRules", isValid ? "all rules are in use" : faults);
        Set(Conflicting, rivals.Count > 0, rivals.Count > 0 ? "SameSourceNamespace" : "OnlyPolicy", rivals.Count > 0 ? conflict : "no other policy names the namespace");
        Set(
            Ready,
            isValid && rivals.Count == 0,
            rivals.Count > 0 ? Conflicting : isValid ? "InForce" : "InvalidRules",
            rivals.Count > 0 ? conflict : isValid ? "in force" : "in force but for the rules that have faults, which allow nothing");
        return Counted(current, tally) with { Active = rivals.Count == 0, TemplatesUsing = templates, Conditions = all };

        void Set(string type, bool isTrue, string reason, string message) => Conditions.Set(
            all,
            new Condition { Type = type, Status = isTrue ? "True" : "False", Reason = reason, Message = message, ObservedGeneration = policy.Policy.Metadata.Generation },
            time);
    }

    private static string Shortened(string text) => text.Length <= MaxMessageLength ? text : $"{text.AsSpan(0, MaxMessageLength)}…";
}
