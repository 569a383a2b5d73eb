using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.ApiServer.Registry.BuiltIn.Pods;
using Capstan.Schemas;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.Workloads;

/// <summary>Rules of Job.</summary>
internal sealed class JobRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    private const string Prefix = "batch.kubernetes.io/";
    private const string Uid = "controller-uid";
    private const string Name = "job-name";

    // Labels that a job has from its template. In Kubernetes both are one map, so that what is added to the one is added to the other.
    private static readonly ConditionalWeakTable<JsonObject, object> TakenLabels = [];

    // What of a template may change while a job waits: where its pods run.
    private static readonly string[] SchedulingFields = ["nodeSelector", "tolerations", "schedulingGates"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> SelectableFields => ["status.successful"];

    /// <inheritdoc/>
    public override string? FieldValue(JsonObject obj, string field) => field == "status.successful"
        ? (obj.Number("status", "succeeded") ?? 0).ToString(CultureInfo.InvariantCulture)
        : base.FieldValue(obj, field);

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
        foreach (var prefix in (ReadOnlySpan<string>)[Prefix, ""])
        {
            labels.SetDefault(prefix + Uid, uid);
            labels.SetDefault(prefix + Name, name);
        }

        if (obj.Map("metadata") is { } metadata && metadata.Map("labels") is { } own && TakenLabels.TryGetValue(own, out _))
        {
            metadata["labels"] = labels.DeepClone();
        }

        spec.GetOrAddMap("selector")?.GetOrAddMap("matchLabels")?.SetDefault(Prefix + Uid, uid);
    }

    /// <inheritdoc/>
    /// <remarks>What is read from the store is defaulted once more: a job is labelled like its pods unless it has labels of its own.</remarks>
    public override void ToStorage(JsonObject obj)
    {
        if (obj.Map("spec", "template", "metadata", "labels") is { Count: > 0 } labels && obj.Map("metadata") is { } metadata && (metadata.Map("labels")?.Count ?? 0) == 0)
        {
            metadata["labels"] = labels.DeepClone();
        }
    }

    /// <inheritdoc/>
    public override void Warn(JsonObject obj, JsonObject? old, string subresource, ICollection<string> warnings)
    {
        if (old is null)
        {
            WorkloadValidation.WarnOfName(obj, warnings);
        }

        if (subresource.Length == 0)
        {
            JobValidation.Warn(new Place(obj, "", Schema, [])["spec"], warnings);
        }
    }

    /// <inheritdoc/>
    protected override void DefaultKind(JsonObject obj)
    {
        DefaultSpec(obj.Map("spec"));
        if (obj.Map("spec", "template", "metadata", "labels") is { Count: > 0 } labels && obj.GetOrAddMap("metadata") is { } metadata && metadata.Map("labels") is null)
        {
            var taken = labels.DeepClone().AsObject();
            metadata["labels"] = taken;
            TakenLabels.Add(taken, taken);
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var job = new Place(obj, "", Schema, errors);
        CheckGeneratedSelector(job);
        CheckSpec(job["spec"]);
        if (job["spec"]["completionMode"].Text == "Indexed" && job["spec"]["completions"].Number > 0)
        {
            var longest = string.Create(CultureInfo.InvariantCulture, $"{job["metadata"]["name"].Text}-{job["spec"]["completions"].Number - 1}");
            if (Naming.LabelFaults(longest).Count > 0)
            {
                job["metadata"]["name"].Invalid($"will not able to create pod with invalid DNS label: {longest}");
            }
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        // The new job is judged twice, as Kubernetes does.
        ValidateKind(obj, errors);
        var spec = new Place(obj, "", Schema, errors)["spec"];
        CheckSpec(spec);
        CheckCompletions(spec, old);
        Immutable(obj, old, errors, "spec", "selector");
        CheckTemplateKept(spec["template"], old);
        foreach (var field in (ReadOnlySpan<string>)["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"])
        {
            Immutable(obj, old, errors, "spec", field);
        }
    }

    /// <inheritdoc/>
    protected override void ValidateSubresource(JsonObject obj, JsonObject old, string subresource, ICollection<FieldError> errors) =>
        JobStatusValidation.Check(new(obj, "", Schema, errors), old);

    private static void DefaultSpec(JsonObject? spec)
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
        DefaultTemplate(spec);
    }

    /// <summary>Sets the defaults that a job's spec has also where it stands in a CronJob.</summary>
    public static void DefaultTemplate(JsonObject? spec)
    {
        foreach (var condition in spec.Items("podFailurePolicy", "rules").SelectMany(r => r.Items("onPodConditions")).OfType<JsonObject>())
        {
            if (string.IsNullOrEmpty(condition.Text("status")))
            {
                condition["status"] = "True";
            }
        }

        PodDefaults.Apply(spec.Map("template", "spec"));
    }

    private static void CheckGeneratedSelector(Place job)
    {
        var spec = job["spec"];
        if (spec["manualSelector"].Flag || !spec["selector"].Exists)
        {
            return;
        }

        var expected = new Dictionary<string, string>();
        foreach (var prefix in (ReadOnlySpan<string>)["", Prefix])
        {
            foreach (var (label, value) in (ReadOnlySpan<(string, string)>)[(Uid, job["metadata"]["uid"].Text), (Name, job["metadata"]["name"].Text)])
            {
                expected[prefix + label] = value;
                CheckLabel(spec["template"]["metadata"]["labels"], prefix + label, value);
            }
        }

        if (WorkloadValidation.IsReadable(spec["selector"]) && !LabelSelector.From(spec["selector"].Value as JsonObject ?? []).Matches(expected))
        {
            spec["selector"].Invalid("`selector` not auto-generated");
        }
    }

    private static void CheckLabel(Place labels, string name, string value)
    {
        var place = labels.As($"{labels.Path}[{name}]");
        if (!labels[name].Exists)
        {
            place.Required($"must be '{value}'");
        }
        else if (labels[name].Text != value)
        {
            place.Invalid($"must be '{value}'");
        }
    }

    private static void CheckSpec(Place spec)
    {
        JobValidation.Check(spec);
        if (!spec["selector"].Exists)
        {
            spec["selector"].Required();
        }

        spec["selector"].Selector();
        if (WorkloadValidation.IsReadable(spec["selector"]))
        {
            WorkloadValidation.CheckSelected(spec["selector"], spec["template"]);
        }
    }

    // The number of indexes may change along with that of pods.
    private static void CheckCompletions(Place spec, JsonObject old)
    {
        var completions = spec["completions"];
        if (spec["completionMode"].Text != "Indexed")
        {
            completions.Unchanged(old.At("spec", "completions"));
        }
        else if (completions.Exists && !JsonNode.DeepEquals(completions.Value, old.At("spec", "completions")) && completions.Number != spec["parallelism"].Number)
        {
            completions.Invalid("can only be modified in tandem with spec.parallelism");
        }
    }

    private static void CheckTemplateKept(Place template, JsonObject old)
    {
        var before = old.At("spec", "template")?.DeepClone() as JsonObject ?? [];
        var rests = old.At("status", "startTime") is null || old.Items("status", "conditions").Any(c => c.Text("type") == "Suspended" && c.Text("status") == "True");
        if (old.Flag("spec", "suspend") != true || !rests || (old.Number("status", "active") ?? 0) != 0)
        {
            template.Unchanged(before);
            return;
        }

        // Suspended, and without pods: where they will run, what they use and what they are called may change.
        var spec = before.GetOrAddMap("spec") ?? [];
        foreach (var field in SchedulingFields)
        {
            Take(template["spec"].Value, spec, field);
        }

        var affinity = spec.Map("affinity")?.DeepClone().AsObject() ?? [];
        Take(template["spec"]["affinity"].Value, affinity, "nodeAffinity");
        spec.Remove("affinity");
        if (affinity.Count > 0 || template["spec"]["affinity"].Exists)
        {
            spec["affinity"] = affinity;
        }

        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            TakeResources(template["spec"][list].Value.Items(), spec.Items(list));
        }

        template["spec"].Unchanged(spec);
    }

    private static void Take(JsonNode? from, JsonObject to, string field)
    {
        to.Remove(field);
        if (from.At(field) is { } value)
        {
            to[field] = value.DeepClone();
        }
    }

    private static void TakeResources(IList<JsonNode?> from, IList<JsonNode?> to)
    {
        if (from.Count != to.Count)
        {
            return;
        }

        foreach (var (now, before) in from.Zip(to))
        {
            if (before is JsonObject container && now.Text("name") == before.Text("name"))
            {
                Take(now, container, "resources");
            }
        }
    }
}
