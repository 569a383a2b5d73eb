using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Pods;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Workloads;

/// <summary>Rules of DaemonSet.</summary>
internal sealed class DaemonSetRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    /// <inheritdoc/>
    protected override void DefaultKind(JsonObject obj)
    {
        if (obj.Map("spec") is not { } spec)
        {
            return;
        }

        spec.SetDefault("revisionHistoryLimit", 10);
        if (spec.GetOrAddMap("updateStrategy") is { } strategy)
        {
            strategy.SetDefault("type", "RollingUpdate");
            if (strategy.Text("type") == "RollingUpdate" && strategy.GetOrAddMap("rollingUpdate") is { } rolling)
            {
                rolling.SetDefault("maxUnavailable", 1);
                rolling.SetDefault("maxSurge", 0);
            }
        }

        PodDefaults.Apply(spec.Map("template", "spec"));
    }

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var spec = obj.Map("spec");
        WorkloadValidation.CheckSelector(spec, "daemonset", errors);
        WorkloadValidation.CheckTemplate(spec, errors);
        WorkloadValidation.CheckNotNegative(spec, "minReadySeconds", errors);
        WorkloadValidation.CheckNotNegative(spec, "revisionHistoryLimit", errors);
    }

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        ValidateKind(obj, errors);
        Immutable(obj, old, errors, "spec", "selector");
    }
}
