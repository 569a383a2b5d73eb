using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Pods;
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
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var spec = obj.Map("spec");
        WorkloadValidation.CheckNotNegative(spec, "replicas", errors);
        WorkloadValidation.CheckSelector(spec, "deployment", errors);
        WorkloadValidation.CheckTemplate(spec, errors);
        CheckStrategy(spec.Map("strategy"), errors);
        WorkloadValidation.CheckNotNegative(spec, "minReadySeconds", errors);
        WorkloadValidation.CheckNotNegative(spec, "revisionHistoryLimit", errors);
        if (spec.Number("progressDeadlineSeconds") is { } deadline)
        {
            WorkloadValidation.CheckNotNegative(spec, "progressDeadlineSeconds", errors);
            if (deadline <= (spec.Number("minReadySeconds") ?? 0))
            {
                errors.Add(FieldErrors.Invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"));
            }
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        ValidateKind(obj, errors);
        Immutable(obj, old, errors, "spec", "selector");
    }

    private static void CheckStrategy(JsonObject? strategy, ICollection<FieldError> errors)
    {
        const string path = "spec.strategy";
        var rolling = strategy.Map("rollingUpdate");
        switch (strategy.Text("type"))
        {
            case "Recreate" when rolling is not null:
                errors.Add(FieldErrors.Forbidden($"{path}.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'"));
                break;
            case "Recreate":
                break;
            case "RollingUpdate":
                WorkloadValidation.CheckNumberOrPercent(rolling.At("maxSurge"), $"{path}.rollingUpdate.maxSurge", atMostAll: false, errors);
                WorkloadValidation.CheckNumberOrPercent(rolling.At("maxUnavailable"), $"{path}.rollingUpdate.maxUnavailable", atMostAll: true, errors);
                if (WorkloadValidation.IsZero(rolling.At("maxSurge")) && WorkloadValidation.IsZero(rolling.At("maxUnavailable")))
                {
                    errors.Add(FieldErrors.Invalid($"{path}.rollingUpdate.maxUnavailable", rolling.At("maxUnavailable"), "may not be 0 when `maxSurge` is 0"));
                }

                break;
            case var other:
                errors.Add(new(FieldErrorReasons.NotSupported, path,
                    $"Unsupported value: {{\"Type\":{GoFormat.Quote(other ?? "")},\"RollingUpdate\":null}}: supported values: \"Recreate\", \"RollingUpdate\""));
                break;
        }
    }
}
