using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Workloads;

/// <summary>Rules of CronJob.</summary>
internal sealed partial class CronJobRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    private const int MaxNameLength = 52;

    /// <inheritdoc/>
    public override void Warn(JsonObject obj, JsonObject? old, string subresource, ICollection<string> warnings)
    {
        if (subresource.Length > 0)
        {
            return;
        }

        if (old is null)
        {
            WorkloadValidation.WarnOfName(obj, warnings);
        }

        var spec = new Place(obj, "", Schema, [])["spec"];
        JobValidation.Warn(spec["jobTemplate"]["spec"], warnings);
        if (old is not null && spec["schedule"].Text.Contains("TZ", StringComparison.Ordinal))
        {
            warnings.Add("cannot use TZ or CRON_TZ in spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details");
        }
    }

    /// <inheritdoc/>
    protected override void DefaultKind(JsonObject obj)
    {
        if (obj.Map("spec") is not { } spec)
        {
            return;
        }

        if (string.IsNullOrEmpty(spec.Text("concurrencyPolicy")))
        {
            spec["concurrencyPolicy"] = "Allow";
        }

        spec.SetDefault("suspend", false);
        spec.SetDefault("successfulJobsHistoryLimit", 3);
        spec.SetDefault("failedJobsHistoryLimit", 1);
        JobRules.DefaultTemplate(spec.Map("jobTemplate", "spec"));
    }

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var job = new Place(obj, "", Schema, errors);
        Check(job["spec"], null);
        if (job["metadata"]["name"].Text.Length > MaxNameLength)
        {
            job["metadata"]["name"].Invalid($"must be no more than {MaxNameLength} characters");
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors) => Check(new Place(obj, "", Schema, errors)["spec"], old);

    private static void Check(Place spec, JsonObject? old)
    {
        CheckSchedule(spec["schedule"], spec["timeZone"], old);
        spec["startingDeadlineSeconds"].NotNegative();
        if (old is null || spec["timeZone"].Value.Text() != old.Text("spec", "timeZone"))
        {
            CheckTimeZone(spec["timeZone"]);
        }

        spec["concurrencyPolicy"].RequiredOneOf("Allow", "Forbid", "Replace");
        var job = spec["jobTemplate"]["spec"];
        JobValidation.Check(job);
        if (job["selector"].Exists)
        {
            job["selector"].Invalid("`selector` will be auto-generated");
        }

        if (job["manualSelector"].Flag)
        {
            job["manualSelector"].NotSupported("nil", "false");
        }

        spec["successfulJobsHistoryLimit"].NotNegative();
        spec["failedJobsHistoryLimit"].NotNegative();
    }

    private static void CheckSchedule(Place schedule, Place zone, JsonObject? old)
    {
        if (!schedule.HasText)
        {
            schedule.Required();
            return;
        }

        if (CronSchedule.FaultOf(schedule.Text) is { } fault)
        {
            schedule.Invalid(fault);
        }

        if (!schedule.Text.Contains("TZ", StringComparison.Ordinal))
        {
            return;
        }

        if (old.Text("spec", "schedule")?.Contains("TZ", StringComparison.Ordinal) != true)
        {
            schedule.Invalid("cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
        }
        else if (zone.Exists)
        {
            schedule.Invalid("cannot use both timeZone field and TZ or CRON_TZ in schedule");
        }
    }

    private static void CheckTimeZone(Place zone)
    {
        if (!zone.Exists)
        {
            return;
        }

        if (!zone.HasText)
        {
            zone.Invalid("timeZone must be nil or non-empty string");
            return;
        }

        if (zone.Text.Split('/').Any(part => part is "." or ".." || part.StartsWith('-') || !ZonePart().IsMatch(part)))
        {
            zone.Invalid($"unknown time zone {zone.Text}");
            return;
        }

        if (zone.Text.Equals("Local", StringComparison.OrdinalIgnoreCase))
        {
            zone.Invalid("timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
        }

        if (CronSchedule.ZoneFault(zone.Text) is { } fault)
        {
            zone.Invalid(fault);
        }
    }

    [GeneratedRegex(@"^[A-Za-z\.\-_0-9+]{1,14}\z")]
    private static partial Regex ZonePart();
}
