using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Pods;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Workloads;

/// <summary>Rules of ReplicaSet.</summary>
internal sealed class ReplicaSetRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    /// <inheritdoc/>
    protected override void DefaultKind(JsonObject obj)
    {
        obj.Map("spec")?.SetDefault("replicas", 1);
        PodDefaults.Apply(obj.Map("spec", "template", "spec"));
    }

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var spec = new Place(obj, "", Schema, errors)["spec"];
        spec["replicas"].NotNegative();
        spec["minReadySeconds"].NotNegative();
        WorkloadValidation.CheckSelectorAndTemplate(spec);
    }

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        ValidateKind(obj, errors);
        Immutable(obj, old, errors, "spec", "selector");
    }

    /// <inheritdoc/>
    protected override void ValidateSubresource(JsonObject obj, JsonObject old, string subresource, ICollection<FieldError> errors)
    {
        var status = new Place(obj, "", Schema, errors)["status"];
        WorkloadValidation.CheckCounts(status, "replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration", "terminatingReplicas");
        WorkloadValidation.CheckAtMostReplicas(status, "fullyLabeledReplicas", "readyReplicas", "availableReplicas");
        WorkloadValidation.CheckAvailable(status);
    }
}
