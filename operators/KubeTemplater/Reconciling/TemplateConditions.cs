using Capstan;
using Capstan.Applying;
using KubeTemplater.Resources;

namespace KubeTemplater.Reconciling;

/// <summary>The conditions of a template, with the meanings that kstatus gives them.</summary>
/// <remarks>Conditions of other types are left as they are.</remarks>
internal static class TemplateConditions
{
    /// <summary>All manifests of the observed generation are applied (and ready, where that was asked for).</summary>
    public const string Ready = "Ready";

    /// <summary>The operator is at it, or will be by itself.</summary>
    public const string Reconciling = "Reconciling";

    /// <summary>Nothing more happens before somebody changes something.</summary>
    public const string Stalled = "Stalled";

    /// <summary>Nothing happens because the spec says so; there is none otherwise.</summary>
    public const string Suspended = "Suspended";

    /// <summary>Everything is as wanted.</summary>
    public static List<Condition> Completed(KubeTemplate template, DateTimeOffset now, string message) =>
        Of(template, now, new(Ready, "True", Phases.Completed, message), new(Reconciling, "False", Phases.Completed), new(Stalled, "False", Phases.Completed));

    /// <summary>The operator goes on by itself.</summary>
    public static List<Condition> Continuing(KubeTemplate template, DateTimeOffset now, Says ready, string reason, string message) =>
        Of(template, now, ready, new(Reconciling, "True", reason, message), new(Stalled, "False", reason));

    /// <summary>Somebody must do something first.</summary>
    public static List<Condition> Stuck(KubeTemplate template, DateTimeOffset now, Says ready, string reason, string message) =>
        Of(template, now, ready, new(Reconciling, "False", reason), new(Stalled, "True", reason, message));

    /// <summary>The spec says that nothing is to be done.</summary>
    public static List<Condition> Resting(KubeTemplate template, DateTimeOffset now)
    {
        const string message = "spec.suspend is true: nothing is applied, corrected or deleted";
        return Of(
            template, now, new(Ready, "Unknown", Suspended, message), new(Reconciling, "False", Suspended), new(Stalled, "False", Suspended), new(Suspended, "True", Suspended, message));
    }

    private static List<Condition> Of(KubeTemplate template, DateTimeOffset now, params ReadOnlySpan<Says> said)
    {
        var conditions = new List<Condition>(template.Status?.Conditions ?? []);
        var rests = false;
        foreach (var one in said)
        {
            rests |= one.Type == Suspended;
            Conditions.Set(conditions, new()
            {
                Type = one.Type,
                Status = one.Status,
                Reason = one.Reason,
                Message = one.Message,
                ObservedGeneration = template.Metadata.Generation,
                LastTransitionTime = now,
            });
        }

        if (!rests)
        {
            Conditions.Remove(conditions, Suspended);
        }

        return conditions;
    }
}

/// <summary>What a condition says.</summary>
internal readonly record struct Says(string Type, string Status, string Reason, string Message = "");
