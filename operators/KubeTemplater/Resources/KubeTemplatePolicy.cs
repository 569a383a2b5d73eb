using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Capstan;

namespace KubeTemplater.Resources;

/// <summary>What the KubeTemplates of one namespace may make, and where. Counts only in the operator's own namespace.</summary>
[PrinterColumn("Source NS", ".spec.sourceNamespace")]
[PrinterColumn("Active", ".status.active", Type = "boolean")]
[PrinterColumn("Age", ".metadata.creationTimestamp", Type = "date")]
[PrinterColumn("Templates", ".status.templatesUsing", Type = "integer", Priority = 1)]
[PrinterColumn("Successes", ".status.validationSuccesses", Type = "integer", Priority = 1)]
[PrinterColumn("Failures", ".status.validationFailures", Type = "integer", Priority = 1)]
public sealed record KubeTemplatePolicy : KubeObject, IKubeObject<KubeTemplatePolicy>
{
    /// <summary>The rules.</summary>
    [Schema(Optional = true)]
    public KubeTemplatePolicySpec Spec { get; set; } = new();

    /// <summary>How the policy is used; written by the operator.</summary>
    public KubeTemplatePolicyStatus? Status { get; set; }

    /// <inheritdoc/>
    public static ResourceType Resource { get; } =
        new("kubetemplater.io", "v1alpha1", "KubeTemplatePolicy", "kubetemplatepolicies", Namespaced: true);

    /// <inheritdoc/>
    public static JsonTypeInfo<KubeTemplatePolicy> JsonTypeInfo => ResourcesJson.Default.KubeTemplatePolicy;
}

/// <summary>Rules for one source namespace.</summary>
public sealed record KubeTemplatePolicySpec
{
    /// <summary>Namespace of the KubeTemplates that this policy governs. Exactly one policy may name it.</summary>
    public string SourceNamespace { get; set; } = "";

    /// <summary>What is allowed; what no rule names is refused.</summary>
    [Schema(MaxItems = 1000)]
    public List<PolicyRule> ValidationRules { get; set; } = [];

    /// <summary>What becomes of a template that breaks the rules: Deny (the default) refuses it, Warn admits it with warnings, Audit only counts it and tells it in an event.</summary>
    [Schema(Enum = ["Deny", "Warn", "Audit"])]
    public string? Enforcement { get; set; }

    /// <summary>Name of a ServiceAccount of the source namespace: objects are applied with its rights instead of the operator's.</summary>
    [Schema(MaxLength = 253)]
    public string? ServiceAccountName { get; set; }

    /// <summary>Anything; expressions see it as params.</summary>
    [Schema(Type = "object", PreserveUnknownFields = true)]
    public JsonElement? Params { get; set; }
}

/// <summary>Allows kinds in some namespaces.</summary>
public sealed record PolicyRule
{
    /// <summary>Kind. A * stands for any characters; kinds that give power (templates and policies themselves, RBAC, webhook configurations, all without a namespace) must be named in full.</summary>
    public string Kind { get; set; } = "";

    /// <summary>API group, where a * stands for any characters; empty for the core group.</summary>
    public string Group { get; set; } = "";

    /// <summary>API version, where a * stands for any characters.</summary>
    public string Version { get; set; } = "";

    /// <summary>Namespaces in which objects of the kind may be made, where a * stands for any characters; none when empty. The operator's own must be named in full.</summary>
    public List<string> TargetNamespaces { get; set; } = [];

    /// <summary>Besides, namespaces whose labels this selector matches.</summary>
    [Schema(Type = "object", PreserveUnknownFields = true)]
    public JsonElement? TargetNamespaceSelector { get; set; }

    /// <summary>CEL over the whole object. Deprecated in favour of <see cref="FieldValidations"/>.</summary>
    public string? Rule { get; set; }

    /// <summary>Checks of single fields; all must pass.</summary>
    [Schema(MaxItems = 100)]
    public List<FieldValidation>? FieldValidations { get; set; }
}

/// <summary>One check.</summary>
[CelRule("self.type != 'cel' || (has(self.cel) && self.cel != '')", Message = "is missing, and type cel needs one", FieldPath = ".cel", Reason = "FieldValueRequired")]
[CelRule("self.type != 'regex' || (has(self.regex) && self.regex != '')", Message = "is missing, and type regex needs one", FieldPath = ".regex", Reason = "FieldValueRequired")]
[CelRule("self.type == 'cel' || (has(self.fieldPath) && self.fieldPath != '')", Message = "is missing, and only type cel needs none", FieldPath = ".fieldPath", Reason = "FieldValueRequired")]
[CelRule("self.type != 'range' || has(self.min) || has(self.max)", Message = "type range needs min or max", FieldPath = ".min", Reason = "FieldValueRequired")]
[CelRule("self.type != 'range' || !has(self.min) || !has(self.max) || self.min <= self.max", Message = "is below min, so that nothing passes", FieldPath = ".max")]
public sealed record FieldValidation
{
    /// <summary>Name of the check, repeated in messages.</summary>
    public string Name { get; set; } = "";

    /// <summary>Which check.</summary>
    [Schema(Enum = ["cel", "regex", "range", "required", "forbidden"])]
    public string Type { get; set; } = "";

    /// <summary>Field to check, names separated by dots.</summary>
    public string? FieldPath { get; set; }

    /// <summary>For cel, an expression over object, or over value with a fieldPath; must yield true.</summary>
    public string? Cel { get; set; }

    /// <summary>For regex, an RE2 pattern found anywhere in the string.</summary>
    public string? Regex { get; set; }

    /// <summary>For range, the least allowed value.</summary>
    public long? Min { get; set; }

    /// <summary>For range, the greatest allowed value.</summary>
    public long? Max { get; set; }

    /// <summary>Has no effect; kept for manifests that have it.</summary>
    public bool? Required { get; set; }

    /// <summary>Shown instead of the check's own text.</summary>
    public string? Message { get; set; }
}

/// <summary>How a <see cref="KubeTemplatePolicy"/> is used.</summary>
public sealed record KubeTemplatePolicyStatus
{
    /// <summary>Whether the policy is in force.</summary>
    public bool? Active { get; set; }

    /// <summary>Number of KubeTemplates that it governs.</summary>
    public int? TemplatesUsing { get; set; }

    /// <summary>When a template was checked last.</summary>
    public DateTimeOffset? LastValidationTime { get; set; }

    /// <summary>Checks that passed.</summary>
    public long? ValidationSuccesses { get; set; }

    /// <summary>Checks that failed.</summary>
    public long? ValidationFailures { get; set; }

    /// <summary>Observations about the policy.</summary>
    public List<Condition>? Conditions { get; set; }
}
