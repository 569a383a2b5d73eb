using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Pods;
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
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var spec = obj.Map("spec");
        CheckWord(spec, "podManagementPolicy", errors, "OrderedReady", "Parallel");
        var strategy = spec.Text("updateStrategy", "type");
        if (strategy is not ("RollingUpdate" or "OnDelete"))
        {
            errors.Add(FieldErrors.Invalid("spec.updateStrategy", spec.At("updateStrategy"), "must be 'RollingUpdate' or 'OnDelete'"));
        }
        else if (strategy == "OnDelete" && spec.Map("updateStrategy", "rollingUpdate") is not null)
        {
            errors.Add(FieldErrors.Invalid("spec.updateStrategy.rollingUpdate", spec.At("updateStrategy", "rollingUpdate"), "only allowed for updateStrategy 'RollingUpdate'"));
        }

        if (spec.Number("updateStrategy", "rollingUpdate", "partition") is < 0)
        {
            errors.Add(FieldErrors.Invalid("spec.updateStrategy.rollingUpdate.partition", spec.At("updateStrategy", "rollingUpdate", "partition"), "must be greater than or equal to 0"));
        }

        WorkloadValidation.CheckNotNegative(spec, "replicas", errors);
        WorkloadValidation.CheckNotNegative(spec, "minReadySeconds", errors);
        WorkloadValidation.CheckSelector(spec, "statefulset", errors);
        
        // Each pod gets a volume of each claim's name.
        WorkloadValidation.CheckTemplate(spec, errors, [.. spec.Items("volumeClaimTemplates").Select(c => c.Text("metadata", "name") ?? "")]);
    }

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        ValidateKind(obj, errors);
        JsonObject Fixed(JsonObject o) => new((o.Map("spec") ?? []).Where(f => !Changeable.Contains(f.Key)).Select(f => KeyValuePair.Create(f.Key, f.Value?.DeepClone())));
        if (!JsonNode.DeepEquals(Fixed(obj), Fixed(old)))
        {
            errors.Add(FieldErrors.Forbidden("spec", "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy',"
                + " 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"));
        }
    }

    private static void CheckWord(JsonObject? spec, string field, ICollection<FieldError> errors, params string[] words)
    {
        if (!words.Contains(spec.Text(field)))
        {
            errors.Add(FieldErrors.NotSupported($"spec.{field}", spec.At(field), words));
        }
    }
}
