using System.Text.Json;
using Capstan;

namespace KubeTemplater.Applying;

/// <summary>Whether an object is ready, judged by what its own controller says in its status, as kstatus does.</summary>
/// <remarks>Pure. A status that speaks of an older generation says nothing. A kind that has no status, or says nothing known in it, is ready when it is applied. A Job is
/// ready when it is complete, since what depends on one needs its work done.</remarks>
/// <param name="IsReady">Whether it is.</param>
/// <param name="Message">What it lacks; null when it is ready.</param>
/// <param name="HasFailed">Whether it will not become ready by itself.</param>
internal readonly record struct Readiness(bool IsReady, string? Message, bool HasFailed = false)
{
    private static readonly JsonDocumentOptions _deep = new() { MaxDepth = 1024 };
    private static readonly Readiness _ready = new(true, null);

    /// <summary>Judges an object as the server sent it.</summary>
    public static Readiness Of(DynamicObject live)
    {
        if (live.DeletionTimestamp is not null)
        {
            return Not("it is being deleted");
        }

        using var document = JsonDocument.Parse(live.Json, _deep);
        var (spec, status) = (Member(document.RootElement, "spec"), Member(document.RootElement, "status"));
        if (Number(status, "observedGeneration") is { } observed && observed < live.Generation)
        {
            return Not($"generation {live.Generation} has not been observed yet");
        }

        return (live.GroupVersionKind.Group, live.Kind) switch
        {
            ("apps", "Deployment") => Deployment(spec, status),
            ("apps", "StatefulSet") => StatefulSet(spec, status),
            ("apps", "DaemonSet") => DaemonSet(spec, status),
            ("apps", "ReplicaSet") => ReplicaSet(spec, status),
            ("batch", "Job") => Job(status),
            ("", "Pod") => Pod(status),
            ("", "PersistentVolumeClaim") => Text(status, "phase") == "Bound" ? _ready : Not($"it is {Text(status, "phase") ?? "Pending"}, not Bound"),
            ("", "Service") => Service(spec, status),
            ("", "Namespace") => Text(status, "phase") is null or "Active" ? _ready : Not($"it is {Text(status, "phase")}"),
            ("apiextensions.k8s.io", "CustomResourceDefinition") => Definition(status),
            _ => Generic(status, live.Generation),
        };
    }

    private static Readiness Deployment(JsonElement spec, JsonElement status)
    {
        if (Condition(status, "Progressing") is { Reason: "ProgressDeadlineExceeded" } late)
        {
            return Failed(late.Message ?? "its progress deadline is exceeded");
        }

        var wanted = Number(spec, "replicas") ?? 1;
        var (all, updated, available) = (Number(status, "replicas") ?? 0, Number(status, "updatedReplicas") ?? 0, Number(status, "availableReplicas") ?? 0);
        return Number(status, "observedGeneration") is null ? Not("its controller has not seen it yet")
            : updated < wanted ? Not($"{updated} of {wanted} replicas are updated")
            : all > updated ? Not($"{all - updated} old replicas are still there")
            : available < wanted ? Not($"{available} of {wanted} replicas are available")
            : Condition(status, "Available") is { Status: not "True" } condition ? Not(condition.Message ?? "it is not available")
            : _ready;
    }

    private static Readiness StatefulSet(JsonElement spec, JsonElement status)
    {
        var wanted = Number(spec, "replicas") ?? 1;
        var (all, updated, ready) = (Number(status, "replicas") ?? 0, Number(status, "updatedReplicas") ?? 0, Number(status, "readyReplicas") ?? 0);
        var strategy = Member(spec, "updateStrategy");
        var byHand = Text(strategy, "type") == "OnDelete";
        var toUpdate = wanted - (Number(Member(strategy, "rollingUpdate"), "partition") ?? 0);
        return Number(status, "observedGeneration") is null ? Not("its controller has not seen it yet")
            : all < wanted ? Not($"{all} of {wanted} replicas are made")
            : ready < wanted ? Not($"{ready} of {wanted} replicas are ready")
            : all > wanted ? Not($"{all - wanted} replicas too many are still there")
            : byHand || Text(status, "currentRevision") == Text(status, "updateRevision") || updated >= Math.Max(toUpdate, 0) ? _ready
            : Not($"{updated} of {toUpdate} replicas are updated");
    }

    private static Readiness DaemonSet(JsonElement spec, JsonElement status)
    {
        if (Number(status, "observedGeneration") is null || Number(status, "desiredNumberScheduled") is not { } wanted)
        {
            return Not("its controller has not seen it yet");
        }

        var (updated, available) = (Number(status, "updatedNumberScheduled") ?? 0, Number(status, "numberAvailable") ?? 0);
        return updated < wanted && Text(Member(spec, "updateStrategy"), "type") != "OnDelete" ? Not($"{updated} of {wanted} pods are updated")
            : available < wanted ? Not($"{available} of {wanted} pods are available")
            : _ready;
    }

    private static Readiness ReplicaSet(JsonElement spec, JsonElement status)
    {
        var wanted = Number(spec, "replicas") ?? 1;
        var available = Number(status, "availableReplicas") ?? 0;
        return Number(status, "observedGeneration") is null ? Not("its controller has not seen it yet")
            : Condition(status, "ReplicaFailure") is { Status: "True" } failure ? Not(failure.Message ?? "its pods cannot be made")
            : available < wanted ? Not($"{available} of {wanted} replicas are available")
            : _ready;
    }

    private static Readiness Job(JsonElement status) =>
        Condition(status, "Failed") is { Status: "True" } failure ? Failed(failure.Message ?? "it failed")
        : Condition(status, "Complete") is { Status: "True" } ? _ready
        : Condition(status, "Suspended") is { Status: "True" } ? Not("it is suspended")
        : Not("it is not complete");

    private static Readiness Pod(JsonElement status) => Text(status, "phase") switch
    {
        "Succeeded" => _ready,
        "Failed" => Failed(Text(status, "message") ?? "it failed"),
        _ when Condition(status, "Ready") is { Status: "True" } => _ready,
        _ => Not(Condition(status, "Ready")?.Message ?? Condition(status, "PodScheduled")?.Message ?? "it is not ready"),
    };

    private static Readiness Service(JsonElement spec, JsonElement status) =>
        Text(spec, "type") != "LoadBalancer" ? _ready
        : Member(Member(status, "loadBalancer"), "ingress") is { ValueKind: JsonValueKind.Array } ingress && ingress.GetArrayLength() > 0 ? _ready
        : Not("it has no load balancer yet");

    private static Readiness Definition(JsonElement status) =>
        Condition(status, "NamesAccepted") is { Status: "False" } names ? Failed(names.Message ?? "its names are not accepted")
        : Condition(status, "Established") is { Status: "True" } ? _ready
        : Not("it is not established");

    private static Readiness Generic(JsonElement status, long generation)
    {
        if (Condition(status, "Stalled") is { Status: "True" } stalled)
        {
            return Failed(stalled.Message ?? "it is stalled");
        }

        if (Condition(status, "Reconciling") is { Status: "True" } reconciling)
        {
            return Not(reconciling.Message ?? "it is reconciling");
        }

        return (Condition(status, "Ready") ?? Condition(status, "Available")) is not { } condition ? _ready
            : condition.ObservedGeneration < generation ? Not($"generation {generation} has not been observed yet")
            : condition.Status == "True" ? _ready
            : Not(condition.Message is { Length: > 0 } message ? message : $"its condition {condition.Type} is {condition.Status}");
    }

    private static Readiness Not(string message) => new(false, message);

    private static Readiness Failed(string message) => new(false, message, HasFailed: true);

    private static Condition? Condition(JsonElement status, string type)
    {
        if (Member(status, "conditions") is { ValueKind: JsonValueKind.Array } conditions)
        {
            foreach (var condition in conditions.EnumerateArray())
            {
                if (Text(condition, "type") == type)
                {
                    return new()
                    {
                        Type = type,
                        Status = Text(condition, "status") ?? "Unknown",
                        Reason = Text(condition, "reason") ?? "",
                        Message = Text(condition, "message") ?? "",
                        ObservedGeneration = Number(condition, "observedGeneration"),
                    };
                }
            }
        }

        return null;
    }

    private static JsonElement Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value : default;

    private static string? Text(JsonElement parent, string name) => Member(parent, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    private static long? Number(JsonElement parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) ? number : null;
}
