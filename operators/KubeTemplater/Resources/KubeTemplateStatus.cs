using Capstan;

namespace KubeTemplater.Resources;

/// <summary>Observed state of a <see cref="KubeTemplate"/>.</summary>
public sealed record KubeTemplateStatus
{
    /// <summary>For people: <c>Completed</c>, or <c>Error: </c> and why.</summary>
    public string? Status { get; set; }

    /// <summary>Queued, Processing, Completed, Failed or Paused; empty until processed first.</summary>
    public string? ProcessingPhase { get; set; }

    /// <summary>When the change that was processed last came in.</summary>
    public DateTimeOffset? QueuedAt { get; set; }

    /// <summary>When processing ended.</summary>
    public DateTimeOffset? ProcessedAt { get; set; }

    /// <summary>Failed attempts in the current cycle of retries; 0 right after a cycle has ended.</summary>
    public int? RetryCount { get; set; }

    /// <summary>Cycles of retries that have ended without success.</summary>
    public int? RetryCycle { get; set; }

    /// <summary>SHA-256 of the spec that was applied last, in hex.</summary>
    public string? AppliedSpecHash { get; set; }

    /// <summary>When retrying was given up.</summary>
    public DateTimeOffset? PausedAt { get; set; }

    /// <summary>Why retrying was given up.</summary>
    public string? PausedReason { get; set; }

    /// <summary>When the objects were compared last.</summary>
    public DateTimeOffset? LastReconcileTime { get; set; }

    /// <summary>Number of manifests.</summary>
    public int? ResourcesTotal { get; set; }

    /// <summary>Number of manifests that the server has as wanted.</summary>
    public int? ResourcesSynced { get; set; }

    /// <summary>Number of comparisons made by dry run; written by the Go operator only.</summary>
    public int? DryRunChecks { get; set; }

    /// <summary>When an object was found changed by others.</summary>
    public DateTimeOffset? LastDriftDetected { get; set; }

    /// <summary>How often that happened.</summary>
    public int? DriftDetectionCount { get; set; }

    /// <summary><c>metadata.generation</c> that this status speaks of.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>Version of the policy under which the failures were counted: another one starts anew. Only while there are some.</summary>
    public string? ObservedPolicy { get; set; }

    /// <summary><c>Ready</c>: whether all manifests are applied. <c>Reconciling</c>: whether the operator is still at it. <c>Stalled</c>: whether it waits for somebody. <c>Suspended</c>: only while the spec says so.</summary>
    public List<Condition>? Conditions { get; set; }

    /// <summary>What became of each manifest; also the inventory from which prune and deletionPolicy know what this template made.</summary>
    public List<ResourceStatus>? Resources { get; set; }
}

/// <summary>What became of one manifest.</summary>
public sealed record ResourceStatus
{
    /// <summary>Id of the entry; its place in the list where it has none.</summary>
    public string Id { get; set; } = "";

    /// <summary>API group; empty for the core group.</summary>
    public string Group { get; set; } = "";

    /// <summary>API version.</summary>
    public string Version { get; set; } = "";

    /// <summary>Kind.</summary>
    public string Kind { get; set; } = "";

    /// <summary>Namespace; absent for cluster-scoped objects.</summary>
    public string? Namespace { get; set; }

    /// <summary>Name.</summary>
    public string Name { get; set; } = "";

    /// <summary>uid of the object that was applied last.</summary>
    public string? Uid { get; set; }

    /// <summary>Applied, Ready, Failed, or Blocked while something that it depends on is missing.</summary>
    [Schema(Enum = ["Applied", "Ready", "Failed", "Blocked"])]
    public string? State { get; set; }

    /// <summary>Why, when it is Failed or Blocked; what it lacks to be ready; or, of an object that the template names no more, how far its deletion is.</summary>
    public string? Message { get; set; }

    /// <summary>Hash of what the template owns of the object, as the server answered the last apply.</summary>
    public string? AppliedHash { get; set; }
}

/// <summary>Values of <see cref="ResourceStatus.State"/>.</summary>
public static class ResourceStates
{
    /// <summary>The server has it as wanted.</summary>
    public const string Applied = "Applied";

    /// <summary>And it is ready, where that was asked for.</summary>
    public const string Ready = "Ready";

    /// <summary>It could not be applied.</summary>
    public const string Failed = "Failed";

    /// <summary>Something that it depends on is missing.</summary>
    public const string Blocked = "Blocked";
}

/// <summary>Values of <see cref="KubeTemplateSpec.DeletionPolicy"/>.</summary>
public static class DeletionPolicies
{
    /// <summary>The objects stay.</summary>
    public const string Orphan = "Orphan";

    /// <summary>The objects are deleted before the template is.</summary>
    public const string Delete = "Delete";
}

/// <summary>Values of <see cref="KubeTemplateStatus.ProcessingPhase"/>, as the Go operator writes them.</summary>
public static class Phases
{
    /// <summary>Waits for a worker, for more than ten seconds.</summary>
    public const string Queued = "Queued";

    /// <summary>Is being applied, for more than ten seconds.</summary>
    public const string Processing = "Processing";

    /// <summary>All manifests are applied.</summary>
    public const string Completed = "Completed";

    /// <summary>Not all are; <see cref="KubeTemplateStatus.Status"/> says why.</summary>
    public const string Failed = "Failed";

    /// <summary>Retrying was given up; <see cref="KubeTemplateStatus.PausedReason"/> says why. A change of spec or policy, or the annotation kubetemplater.io/resume, starts anew.</summary>
    public const string Paused = "Paused";
}
