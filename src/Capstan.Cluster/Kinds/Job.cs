using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Capstan.Cluster.Kinds;

/// <summary>batch/v1 Job.</summary>
internal sealed record Job : KubeObject, IKubeObject<Job>
{
    public static ResourceType Resource { get; } = new("batch", "v1", "Job", "jobs", Namespaced: true);

    public static JsonTypeInfo<Job> JsonTypeInfo => KindsJson.Default.Job;

    public JobSpec Spec { get; set; } = new();

    public JobStatus? Status { get; set; }

    [JsonIgnore]
    public bool IsSuspended => Spec.Suspend == true;

    [JsonIgnore]
    public bool IsIndexed => Spec.CompletionMode == "Indexed";

    /// <summary>Pods that are going are not replaced before they have gone.</summary>
    [JsonIgnore]
    public bool ReplacesOnlyFailed => Spec.PodReplacementPolicy == "Failed" || Spec.PodFailurePolicy is not null;

    /// <summary>The condition that ended it, if it has ended.</summary>
    [JsonIgnore]
    public JobCondition? Finished => Status?.Conditions?.Find(static one => one is { Type: "Complete" or "Failed", Status: "True" });

    public JobCondition? Condition(string type) => Status?.Conditions?.Find(one => one.Type == type);
}

internal sealed record JobSpec
{
    public int? Parallelism { get; set; }

    public int? Completions { get; set; }

    public long? ActiveDeadlineSeconds { get; set; }

    public PodFailurePolicy? PodFailurePolicy { get; set; }

    public SuccessPolicy? SuccessPolicy { get; set; }

    public int? BackoffLimit { get; set; }

    public int? BackoffLimitPerIndex { get; set; }

    public int? MaxFailedIndexes { get; set; }

    public WorkloadSelector? Selector { get; set; }

    public PodTemplate Template { get; set; } = new();

    public int? TtlSecondsAfterFinished { get; set; }

    public string? CompletionMode { get; set; }

    public bool? Suspend { get; set; }

    public string? PodReplacementPolicy { get; set; }

    public string? ManagedBy { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record PodFailurePolicy
{
    public List<PodFailureRule> Rules { get; set; } = [];
}

internal sealed record PodFailureRule
{
    public string Action { get; set; } = "";

    public ExitCodeRequirement? OnExitCodes { get; set; }

    public List<PodConditionPattern>? OnPodConditions { get; set; }
}

internal sealed record ExitCodeRequirement
{
    public string? ContainerName { get; set; }

    public string Operator { get; set; } = "";

    public List<int> Values { get; set; } = [];
}

internal sealed record PodConditionPattern
{
    public string Type { get; set; } = "";

    public string? Status { get; set; }
}

internal sealed record SuccessPolicy
{
    public List<SuccessRule> Rules { get; set; } = [];
}

internal sealed record SuccessRule
{
    public string? SucceededIndexes { get; set; }

    public int? SucceededCount { get; set; }
}

internal sealed record JobStatus
{
    public List<JobCondition>? Conditions { get; set; }

    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? StartTime { get; set; }

    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? CompletionTime { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Active { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Succeeded { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Failed { get; set; }

    public int? Terminating { get; set; }

    public string? CompletedIndexes { get; set; }

    public string? FailedIndexes { get; set; }

    public UncountedPods? UncountedTerminatedPods { get; set; }

    public int? Ready { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

/// <summary>Uids of pods that have ended and are not in the counts yet; they are put there once their finalizers are gone.</summary>
internal sealed record UncountedPods
{
    public List<string>? Succeeded { get; set; }

    public List<string>? Failed { get; set; }
}

internal sealed record JobCondition
{
    public string Type { get; set; } = "";

    public string Status { get; set; } = "";

    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? LastProbeTime { get; set; }

    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? LastTransitionTime { get; set; }

    public string? Reason { get; set; }

    public string? Message { get; set; }
}
