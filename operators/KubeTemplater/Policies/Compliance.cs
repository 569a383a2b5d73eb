using Capstan;
using Capstan.Applying;
using KubeTemplater.Resources;

namespace KubeTemplater.Policies;

/// <summary>Tells in the status of a template what a policy found and let pass, with <c>enforcement: Warn</c> or <c>Audit</c>.</summary>
internal static class Compliance
{
    /// <summary>Condition type: whether the template keeps to rules that are not enforced. Only there while its policy does not enforce them.</summary>
    public const string Type = "Compliant";

    // A status must stay readable; what is longer helps nobody and counts against the object's size.
    private const int MaxMessageLength = 4096;

    /// <summary>The template with a status that says what was found; the same instance where it said so already.</summary>
    /// <param name="template">The template, with the status of its last run.</param>
    /// <param name="verdict">What the policy says of it.</param>
    /// <param name="time">Gives the time of a change.</param>
    public static KubeTemplate Told(KubeTemplate template, Verdict verdict, TimeProvider time)
    {
        var conditions = new List<Condition>(template.Status?.Conditions ?? []);
        var isNew = verdict.Policy.Refuses ? Conditions.Remove(conditions, Type) : Conditions.Set(conditions, Condition(template, verdict), time);
        return isNew ? template with { Status = (template.Status ?? new()) with { Conditions = conditions } } : template;
    }

    private static Condition Condition(KubeTemplate template, Verdict verdict)
    {
        var found = Findings.Text(verdict.Warnings, MaxMessageLength);
        var isCompliant = found.Length == 0;
        return new()
        {
            Type = Type,
            Status = isCompliant ? "True" : "False",
            Reason = isCompliant ? "NothingFound" : verdict.Policy.Policy.Spec.Enforcement == "Audit" ? "Audited" : "Warned",
            Message = found,
            ObservedGeneration = template.Metadata.Generation,
        };
    }
}
