using System.Text.Json.Serialization;

namespace Capstan.Dashboard.Facts;

/// <summary>What is kept, and shown, of a KubeTemplatePolicy.</summary>
internal sealed record PolicyFacts(string Namespace, string Name, string SourceNamespace, string Enforcement)
{
    /// <summary>Rules.</summary>
    public int Rules { get; init; }

    /// <summary>Whether it is in force; null before the operator has said so.</summary>
    public bool? Active { get; init; }

    /// <summary>Templates that it governs.</summary>
    public long Templates { get; init; }

    /// <summary>Checks that passed.</summary>
    public long Passed { get; init; }

    /// <summary>Checks that failed.</summary>
    public long Denied { get; init; }

    /// <summary>When a template was checked last.</summary>
    public DateTimeOffset? CheckedAt { get; init; }

    /// <summary>What is wrong with it.</summary>
    public string? Message { get; init; }

    /// <summary>Its key.</summary>
    [JsonIgnore]
    public ObjectKey Key => new(Namespace, Name);

    /// <summary>Reads a policy.</summary>
    public static PolicyFacts Read(DynamicObject policy)
    {
        using var document = JsonFacts.Open(policy);
        var root = document.RootElement;
        return new(policy.Key.Namespace, policy.Key.Name, root.Text("spec", "sourceNamespace") ?? "", root.Text("spec", "enforcement") ?? "Deny")
        {
            Rules = root.Items("spec", "validationRules").Count(),
            Active = root.Flag("status", "active"),
            Templates = root.Number("status", "templatesUsing") ?? 0,
            Passed = root.Number("status", "validationSuccesses") ?? 0,
            Denied = root.Number("status", "validationFailures") ?? 0,
            CheckedAt = root.Time("status", "lastValidationTime"),
            Message = root.Flag("status", "active") == false ? root.Conditions().FirstOrDefault(one => one is { Type: "Ready", Status: "False" })?.Message ?? "" : null,
        };
    }
}
