using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Pods;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Workloads;

/// <summary>Rules of DaemonSet.</summary>
internal sealed class DaemonSetRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    // How many templates it has had, which only its pods' labels tell of.
    private const string Generation = "deprecated.daemonset.template.generation";

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj)
    {
        base.PrepareForCreate(obj);
        SetGeneration(obj, 1);
    }

    /// <inheritdoc/>
    public override void PrepareForUpdate(JsonObject obj, JsonObject old, string subresource)
    {
        base.PrepareForUpdate(obj, old, subresource);
        var before = long.TryParse(old.Map("metadata", "annotations")?.Text(Generation), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        SetGeneration(obj, JsonNode.DeepEquals(obj.Map("spec", "template"), old.Map("spec", "template")) ? before : before + 1);
    }

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
        var spec = new Place(obj, "", Schema, errors)["spec"];
        spec["selector"].Selector();
        if (WorkloadValidation.IsReadable(spec["selector"]))
        {
            WorkloadValidation.CheckSelected(spec["selector"], spec["template"]);
        }

        if (WorkloadValidation.SelectsAll(spec["selector"]))
        {
            spec["selector"].Invalid("empty selector is invalid for daemonset");
        }

        WorkloadValidation.CheckTemplate(spec["template"]);
        WorkloadValidation.CheckEndless(spec["template"], "DaemonSet");
        spec["minReadySeconds"].NotNegative();
        CheckStrategy(spec["updateStrategy"]);
        spec["revisionHistoryLimit"].NotNegative();
    }

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        Immutable(obj, old, errors, "spec", "selector");
        ValidateKind(obj, errors);
    }

    /// <inheritdoc/>
    protected override void ValidateSubresource(JsonObject obj, JsonObject old, string subresource, ICollection<FieldError> errors)
    {
        var status = new Place(obj, "", Schema, errors)["status"];
        WorkloadValidation.CheckCounts(status, "currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady", "observedGeneration", "updatedNumberScheduled",
            "numberAvailable", "numberUnavailable", "collisionCount");
        WorkloadValidation.CheckCollisions(status, old);
    }

    private static void SetGeneration(JsonObject obj, long number)
    {
        if (obj.GetOrAddMap("metadata")?.GetOrAddMap("annotations") is { } annotations)
        {
            annotations[Generation] = number.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static void CheckStrategy(Place strategy)
    {
        var rolling = strategy["rollingUpdate"];
        if (strategy["type"].Text != "RollingUpdate")
        {
            if (strategy["type"].Text != "OnDelete")
            {
                strategy.NotSupported("RollingUpdate", "OnDelete");
            }

            return;
        }

        var (unavailable, surge) = (rolling["maxUnavailable"], rolling["maxSurge"]);
        NumberOrPercent.Check(unavailable);
        NumberOrPercent.Check(surge);
        NumberOrPercent.CheckAtMostAll(unavailable);
        NumberOrPercent.CheckAtMostAll(surge);
        switch (NumberOrPercent.IsZero(unavailable.Value), NumberOrPercent.IsZero(surge.Value))
        {
            case (false, false):
                surge.Invalid("may not be set when maxUnavailable is non-zero");
                break;
            case (true, true):
                unavailable.Required("cannot be 0 when maxSurge is 0");
                break;
        }
    }
}
