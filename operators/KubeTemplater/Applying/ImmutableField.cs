using Capstan;

namespace KubeTemplater.Applying;

/// <summary>Recognises the refusals that only a new object gets around: a change of a field that may not change.</summary>
/// <remarks>Any other fault would refuse the new object just as well, and the old one would be lost for nothing.</remarks>
internal static class ImmutableField
{
    // Kubernetes has no reason of its own for these; the wordings are those of its validation (ValidateImmutableField and its kin).
    private static readonly string[] _wordings =
    [
        "field is immutable", "may not change once set", "may not be changed", "cannot be changed", "is immutable", "updates to", "may not be unset",
    ];

    /// <summary>Whether each cause of the refusal is an immutable field.</summary>
    public static bool IsWhy(ApiStatus status) =>
        status.Reason == StatusReasons.Invalid
        && status.Details?.Causes is { Count: > 0 } causes
        && causes.All(c => _wordings.Any(w => c.Message?.Contains(w, StringComparison.OrdinalIgnoreCase) == true));
}
