using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Pods;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Workloads;

/// <summary>Rules of ReplicationController.</summary>
internal sealed class ReplicationControllerRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> SelectableFields => ["status.replicas"];

    /// <inheritdoc/>
    public override string? FieldValue(JsonObject obj, string field) => field == "status.replicas"
        ? (obj.Number("status", "replicas") ?? 0).ToString(System.Globalization.CultureInfo.InvariantCulture)
        : base.FieldValue(obj, field);

    /// <inheritdoc/>
    protected override void DefaultKind(JsonObject obj)
    {
        if (obj.Map("spec") is not { } spec)
        {
            return;
        }

        spec.SetDefault("replicas", 1);
        if (spec.Map("template", "metadata", "labels") is { Count: > 0 } labels)
        {
            spec.SetDefault("selector", labels.DeepClone());
            obj.GetOrAddMap("metadata")?.SetDefault("labels", labels.DeepClone());
        }

        PodDefaults.Apply(spec.Map("template", "spec"));
    }

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var spec = obj.Map("spec");
        WorkloadValidation.CheckNotNegative(spec, "minReadySeconds", errors);
        if ((spec.Map("selector")?.Count ?? 0) == 0)
        {
            errors.Add(FieldErrors.Required("spec.selector"));
        }

        WorkloadValidation.CheckNotNegative(spec, "replicas", errors);
        if (spec.Map("template") is not { } template)
        {
            errors.Add(FieldErrors.Required("spec.template"));
            return;
        }

        var labels = template.Map("metadata", "labels");
        if (spec.Map("selector")?.Any(s => labels.Text(s.Key) != s.Value.Text()) == true)
        {
            errors.Add(FieldErrors.Invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
        }

        PodValidation.CheckTemplate(template, "spec.template", errors);
    }
}
