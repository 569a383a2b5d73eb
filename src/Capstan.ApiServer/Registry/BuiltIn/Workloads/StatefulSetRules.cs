using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Pods;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Workloads;

/// <summary>Rules of StatefulSet.</summary>
internal sealed class StatefulSetRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    private static readonly string[] Changeable =
        ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];

    /// <inheritdoc/>
    protected override void DefaultKind(JsonObject obj)
    {
        if (obj.Map("spec") is not { } spec)
        {
            return;
        }

        spec.SetDefault("podManagementPolicy", "OrderedReady");
        spec.SetDefault("replicas", 1);
        spec.SetDefault("revisionHistoryLimit", 10);
        if (spec.GetOrAddMap("updateStrategy") is { } strategy)
        {
            strategy.SetDefault("type", "RollingUpdate");
            if (strategy.Text("type") == "RollingUpdate")
            {
                strategy.GetOrAddMap("rollingUpdate")?.SetDefault("partition", 0);
            }
        }

        if (spec.GetOrAddMap("persistentVolumeClaimRetentionPolicy") is { } retention)
        {
            retention.SetDefault("whenDeleted", "Retain");
            retention.SetDefault("whenScaled", "Retain");
        }

        foreach (var claim in spec.Items("volumeClaimTemplates").OfType<JsonObject>())
        {
            claim.SetDefault("kind", "PersistentVolumeClaim");
            claim.SetDefault("apiVersion", "v1");
            claim.Map("spec")?.SetDefault("volumeMode", "Filesystem");
            claim.GetOrAddMap("status")?.SetDefault("phase", "Pending");
        }

        PodDefaults.Apply(spec.Map("template", "spec"));
    }

    /// <inheritdoc/>
    public override void Warn(JsonObject obj, JsonObject? old, string subresource, ICollection<string> warnings)
    {
        if (subresource.Length > 0)
        {
            return;
        }

        var spec = new Place(obj, "", Schema, [])["spec"];
        foreach (var claim in spec["volumeClaimTemplates"].Items)
        {
            // The path of a change has a part more, with a capital.
            foreach (var warning in ClaimChecks.WarningsOf(claim["spec"].As(old is null ? claim.Path : $"{claim.Path}.Spec")))
            {
                warnings.Add(warning);
            }
        }

        if (spec["revisionHistoryLimit"].Number < 0)
        {
            warnings.Add("spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended");
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors) =>
        StatefulSetValidation.Check(new Place(obj, "", Schema, errors)["spec"], isNew: true, checksTemplate: true);

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        // A template that was taken with its faults may keep them.
        List<FieldError> before = [];
        StatefulSetValidation.Check(new Place(old, "", Schema, before)["spec"], isNew: false, checksTemplate: true);
        var spec = new Place(obj, "", Schema, errors)["spec"];
        StatefulSetValidation.Check(spec, isNew: false, checksTemplate: before.Count == 0);
        JsonObject Fixed(JsonObject o) => new((o.Map("spec") ?? []).Where(f => !Changeable.Contains(f.Key)).Select(f => KeyValuePair.Create(f.Key, f.Value?.DeepClone())));
        if (!JsonNode.DeepEquals(Fixed(obj), Fixed(old)))
        {
            spec.Forbidden("updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy',"
                + " 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
        }
    }

    /// <inheritdoc/>
    protected override void ValidateSubresource(JsonObject obj, JsonObject old, string subresource, ICollection<FieldError> errors)
    {
        var status = new Place(obj, "", Schema, errors)["status"];
        WorkloadValidation.CheckCounts(status, "replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas", "observedGeneration", "collisionCount");
        WorkloadValidation.CheckAtMostReplicas(status, "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas");
        WorkloadValidation.CheckAvailable(status, "status.readyReplicas");
        WorkloadValidation.CheckCollisions(status, old);
    }
}
