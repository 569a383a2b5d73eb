using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Pods;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
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
        var spec = new Place(obj, "", Schema, errors)["spec"];
        spec["minReadySeconds"].NotNegative();
        if (spec["selector"].Count == 0)
        {
            spec["selector"].Required();
        }

        spec["replicas"].NotNegative();
        var template = spec["template"];
        if (!template.Exists)
        {
            template.Required();
            return;
        }

        var labels = template["metadata"]["labels"];
        if (spec["selector"].Entries.Any(s => !labels[s.Key].Exists || labels[s.Key].Text != s.Place.Text))
        {
            labels.Invalid("`selector` does not match template `labels`");
        }

        WorkloadValidation.CheckTemplate(template);
        WorkloadValidation.CheckEndless(template, "ReplicationController");
    }

    /// <inheritdoc/>
    protected override void ValidateSubresource(JsonObject obj, JsonObject old, string subresource, ICollection<FieldError> errors)
    {
        var status = new Place(obj, "", Schema, errors)["status"];
        WorkloadValidation.CheckCounts(status, "replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration");
        WorkloadValidation.CheckAtMostReplicas(status, "fullyLabeledReplicas", "readyReplicas", "availableReplicas");
        WorkloadValidation.CheckAvailable(status);
    }
}
