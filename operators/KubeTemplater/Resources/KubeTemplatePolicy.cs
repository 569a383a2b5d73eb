using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Capstan;

namespace KubeTemplater.Resources;

/// <summary>What the KubeTemplates of one namespace may make, and where. Counts only in the operator's own namespace.</summary>
public sealed record KubeTemplatePolicy : KubeObject, IKubeObject<KubeTemplatePolicy>
{
    /// <summary>The rules.</summary>
    public KubeTemplatePolicySpec Spec { get; set; } = new();

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
    public List<PolicyRule> ValidationRules { get; set; } = [];
}

/// <summary>Allows one kind in some namespaces.</summary>
public sealed record PolicyRule
{
    /// <summary>Kind, compared exactly.</summary>
    public string Kind { get; set; } = "";

    /// <summary>API group, compared exactly; empty for the core group.</summary>
    public string Group { get; set; } = "";

    /// <summary>API version, compared exactly.</summary>
    public string Version { get; set; } = "";

    /// <summary>Namespaces in which objects of the kind may be made; none when empty.</summary>
    public List<string> TargetNamespaces { get; set; } = [];

    /// <summary>CEL over the whole object. Deprecated in favour of <see cref="FieldValidations"/>.</summary>
    public string? Rule { get; set; }

    /// <summary>Checks of single fields. Kept as written until they can be evaluated.</summary>
    public List<JsonElement>? FieldValidations { get; set; }

    /// <summary>Whether the rule has conditions beyond kind and namespace.</summary>
    [JsonIgnore]
    public bool IsConditional => !string.IsNullOrWhiteSpace(Rule) || FieldValidations is { Count: > 0 };
}
