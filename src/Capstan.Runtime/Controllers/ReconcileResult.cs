using Capstan.Queueing;

namespace Capstan;

/// <summary>What comes after a reconcile that did not throw.</summary>
public readonly record struct ReconcileResult
{
    /// <summary>Nothing until the next change. Ends the backoff of the key.</summary>
    public static ReconcileResult Done => default;

    /// <summary>Another run after the controller's backoff, as after an error, but without counting as one.</summary>
    public static ReconcileResult Requeue => new() { Kind = ReconcileResultKind.Requeue };

    internal ReconcileResultKind Kind { get; private init; }

    internal TimeSpan Delay { get; private init; }

    internal Priority Priority { get; private init; }

    /// <summary>Part of the delay that chance may add.</summary>
    internal double Jitter { get; private init; }

    /// <summary>Another run after <paramref name="delay"/>, or earlier when something changes. Ends the backoff of the key.</summary>
    /// <param name="delay">Any length; none or negative means at once.</param>
    /// <param name="priority">Rank of that run among those that are ready. Default: behind changes and retries, as a periodic check is.</param>
    public static ReconcileResult After(TimeSpan delay, Priority priority = Priority.Drift) =>
        new() { Kind = ReconcileResultKind.After, Delay = delay, Priority = priority };

    /// <summary>As <see cref="After"/>, but up to a tenth later by chance, so that objects which were made together do not come back together for ever.</summary>
    /// <param name="period">From run to run; none or negative means at once.</param>
    /// <param name="priority">Rank of that run among those that are ready.</param>
    public static ReconcileResult Every(TimeSpan period, Priority priority = Priority.Drift) =>
        new() { Kind = ReconcileResultKind.After, Delay = period, Priority = priority, Jitter = 0.1 };
}

internal enum ReconcileResultKind
{
    Done,
    Requeue,
    After,
}
