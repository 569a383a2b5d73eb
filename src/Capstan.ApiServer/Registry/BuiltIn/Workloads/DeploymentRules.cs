using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Pods;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Workloads;

/// <summary>Rules of Deployment.</summary>
internal sealed class DeploymentRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    /// <inheritdoc/>
    public override bool DesiredStateChanged(JsonObject obj, JsonObject old) =>
        base.DesiredStateChanged(obj, old) || !JsonNode.DeepEquals(obj.At("metadata", "annotations"), old.At("metadata", "annotations"));

    /// <inheritdoc/>
    protected override void DefaultKind(JsonObject obj)
    {
        if (obj.Map("spec") is not { } spec)
        {
            return;
        }

        spec.SetDefault("replicas", 1);
        spec.SetDefault("revisionHistoryLimit", 10);
        spec.SetDefault("progressDeadlineSeconds", 600);
        if (spec.GetOrAddMap("strategy") is { } strategy)
        {
            strategy.SetDefault("type", "RollingUpdate");
            if (strategy.Text("type") == "RollingUpdate" && strategy.GetOrAddMap("rollingUpdate") is { } rolling)
            {
                rolling.SetDefault("maxUnavailable", "25%");
                rolling.SetDefault("maxSurge", "25%");
            }
        }

        PodDefaults.Apply(spec.Map("template", "spec"));
    }

    /// <inheritdoc/>
    public override void Warn(JsonObject obj, JsonObject? old, string subresource, ICollection<string> warnings)
    {
        if (old is null)
        {
            WorkloadValidation.WarnOfName(obj, warnings);
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var spec = new Place(obj, "", Schema, errors)["spec"];
        spec["replicas"].NotNegative();
        WorkloadValidation.CheckSelectorAndTemplate(spec);
        CheckStrategy(spec["strategy"]);
        spec["minReadySeconds"].NotNegative();
        spec["revisionHistoryLimit"].NotNegative();
        var deadline = spec["progressDeadlineSeconds"];
        deadline.NotNegative();
        if (deadline.Exists && deadline.Number <= spec["minReadySeconds"].Number)
        {
            deadline.Invalid("must be greater than minReadySeconds");
        }
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
        WorkloadValidation.CheckCounts(status, "observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas", "terminatingReplicas", "collisionCount");
        WorkloadValidation.CheckAtMostReplicas(status, "updatedReplicas", "readyReplicas", "availableReplicas");
        WorkloadValidation.CheckAvailable(status);
        WorkloadValidation.CheckCollisions(status, old);
    }

    private static void CheckStrategy(Place strategy)
    {
        var rolling = strategy["rollingUpdate"];
        switch (strategy["type"].Text)
        {
            case "Recreate" when rolling.Exists:
                rolling.Forbidden("may not be specified when strategy `type` is 'Recreate'");
                break;
            case "Recreate":
                break;
            case "RollingUpdate":
                var (unavailable, surge) = (rolling["maxUnavailable"], rolling["maxSurge"]);
                NumberOrPercent.Check(unavailable);
                NumberOrPercent.Check(surge);
                if (NumberOrPercent.IsZero(unavailable.Value) && NumberOrPercent.IsZero(surge.Value))
                {
                    unavailable.Invalid("may not be 0 when `maxSurge` is 0");
                }

                NumberOrPercent.CheckAtMostAll(unavailable);
                break;
            default:
                strategy.NotSupported("Recreate", "RollingUpdate");
                break;
        }
    }
}
