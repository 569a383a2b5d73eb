using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Workloads;

/// <summary>Rules of CronJob.</summary>
internal sealed class CronJobRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    /// <inheritdoc/>
    protected override void DefaultKind(JsonObject obj)
    {
        if (obj.Map("spec") is not { } spec)
        {
            return;
        }

        spec.SetDefault("concurrencyPolicy", "Allow");
        spec.SetDefault("suspend", false);
        spec.SetDefault("successfulJobsHistoryLimit", 3);
        spec.SetDefault("failedJobsHistoryLimit", 1);
        Pods.PodDefaults.Apply(spec.Map("jobTemplate", "spec", "template", "spec"));
    }

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var spec = obj.Map("spec");
        if (string.IsNullOrEmpty(spec.Text("schedule")))
        {
            errors.Add(FieldErrors.Required("spec.schedule"));
        }

        WorkloadValidation.CheckNotNegative(spec, "startingDeadlineSeconds", errors);
        if (spec.Text("concurrencyPolicy") is not ("Allow" or "Forbid" or "Replace"))
        {
            errors.Add(FieldErrors.NotSupported("spec.concurrencyPolicy", spec.At("concurrencyPolicy"), ["Allow", "Forbid", "Replace"]));
        }

        JobRules.CheckSpec(spec.Map("jobTemplate", "spec"), "spec.jobTemplate.spec", errors);
        WorkloadValidation.CheckNotNegative(spec, "successfulJobsHistoryLimit", errors);
        WorkloadValidation.CheckNotNegative(spec, "failedJobsHistoryLimit", errors);
    }
}
