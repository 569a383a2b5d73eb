using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Pods;
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
        var spec = obj.Map("spec");
        WorkloadValidation.CheckNotNegative(spec, "replicas", errors);
        WorkloadValidation.CheckNotNegative(spec, "minReadySeconds", errors);
        WorkloadValidation.CheckSelector(spec, "deployment", errors);
        WorkloadValidation.CheckTemplate(spec, errors);
    }

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        ValidateKind(obj, errors);
        Immutable(obj, old, errors, "spec", "selector");
    }
}
