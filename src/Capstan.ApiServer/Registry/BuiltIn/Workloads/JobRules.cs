using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Pods;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Workloads;

/// <summary>Rules of Job.</summary>
internal sealed class JobRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> SelectableFields => ["status.successful"];

    /// <inheritdoc/>
    public override string? FieldValue(JsonObject obj, string field) => field == "status.successful"
        ? (obj.Number("status", "succeeded") ?? 0).ToString(CultureInfo.InvariantCulture)
        : base.FieldValue(obj, field);

    /// <summary>Sets the defaults of a job's spec, also where it stands in a CronJob.</summary>
    public static void DefaultSpec(JsonObject? spec)
    {
        if (spec is null)
        {
            return;
        }

        if (spec["parallelism"] is null)
        {
            spec.SetDefault("completions", 1);
            spec["parallelism"] = 1;
        }

        spec.SetDefault("backoffLimit", spec["backoffLimitPerIndex"] is null ? 6 : int.MaxValue);
        spec.SetDefault("completionMode", "NonIndexed");
        spec.SetDefault("suspend", false);
        spec.SetDefault("manualSelector", false);
        spec.SetDefault("podReplacementPolicy", spec["podFailurePolicy"] is null ? "TerminatingOrFailed" : "Failed");
        foreach (var condition in spec.Items("podFailurePolicy", "rules").SelectMany(r => r.Items("onPodConditions")).OfType<JsonObject>())
        {
            if (string.IsNullOrEmpty(condition.Text("status")))
            {
                condition["status"] = "True";
            }
        }

        PodDefaults.Apply(spec.Map("template", "spec"));
    }

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj)
    {
        base.PrepareForCreate(obj);
        if (obj.Map("spec") is not { } spec || spec.Flag("manualSelector") == true || spec.GetOrAddMap("template")?.GetOrAddMap("metadata")?.GetOrAddMap("labels") is not { } labels)
        {
            return;
        }

        // Each job selects its own pods by its own uid, under a new and an old name of the label.
        var (uid, name) = (obj.Text("metadata", "uid") ?? "", obj.Text("metadata", "name") ?? "");
        foreach (var prefix in (ReadOnlySpan<string>)["batch.kubernetes.io/", ""])
        {
            labels[prefix + "controller-uid"] = uid;
            labels[prefix + "job-name"] = name;
        }

        // The job is labelled like its pods unless it has labels of its own.
        if (obj.GetOrAddMap("metadata") is { } metadata && metadata.Map("labels") is null)
        {
            metadata["labels"] = labels.DeepClone();
        }

        spec["selector"] ??= new JsonObject { ["matchLabels"] = new JsonObject { ["batch.kubernetes.io/controller-uid"] = uid } };
    }

    /// <inheritdoc/>
    protected override void DefaultKind(JsonObject obj)
    {
        DefaultSpec(obj.Map("spec"));
        if (obj.Map("spec", "template", "metadata", "labels") is { Count: > 0 } labels)
        {
            obj.GetOrAddMap("metadata")?.SetDefault("labels", labels.DeepClone());
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        CheckSpec(obj.Map("spec"), "spec", errors);
        if (obj.Map("spec", "selector") is null)
        {
            errors.Add(FieldErrors.Required("spec.selector"));
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        CheckSpec(obj.Map("spec"), "spec", errors);
        Immutable(obj, old, errors, "spec", "completions");
        Immutable(obj, old, errors, "spec", "selector");
        if (old.Flag("spec", "suspend") != true)
        {
            Immutable(obj, old, errors, "spec", "template");
        }

        Immutable(obj, old, errors, "spec", "completionMode");
        Immutable(obj, old, errors, "spec", "podFailurePolicy");
        Immutable(obj, old, errors, "spec", "backoffLimitPerIndex");
        Immutable(obj, old, errors, "spec", "managedBy");
        Immutable(obj, old, errors, "spec", "successPolicy");
    }

    /// <summary>Adds the faults of a job's spec, also where it stands in a CronJob.</summary>
    public static void CheckSpec(JsonObject? spec, string path, ICollection<FieldError> errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex"])
        {
            WorkloadValidation.CheckNotNegative(spec, field, errors, path);
        }

        PodValidation.CheckTemplate(spec.Map("template"), $"{path}.template", errors);
        var policy = spec.Text("template", "spec", "restartPolicy") ?? "";
        if (policy is "" or "Always")
        {
            errors.Add(new(FieldErrorReasons.Required, $"{path}.template.spec.restartPolicy", "Required value: valid values: \"OnFailure\", \"Never\""));
        }
        else if (policy is not ("OnFailure" or "Never"))
        {
            errors.Add(FieldErrors.NotSupported($"{path}.template.spec.restartPolicy", policy, ["Never", "OnFailure"]));
        }
    }
}
