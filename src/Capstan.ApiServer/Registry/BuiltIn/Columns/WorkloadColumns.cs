using System.Globalization;
using System.Text.Json.Nodes;
using static Capstan.ApiServer.Registry.BuiltIn.Columns.Column;

namespace Capstan.ApiServer.Registry.BuiltIn.Columns;

/// <summary>Tables of pods and of what runs pods.</summary>
internal static class WorkloadColumns
{
    private static readonly string[] Template = ["spec", "template", "spec"];

    public static readonly (string Group, string Kind, IReadOnlyList<TableColumn> Columns)[] All =
    [
        ("", "Pod",
        [
            Name,
            Text("Ready", "How many containers are ready, of how many.", o => new PodSummary(o).Ready),
            Text("Status", "Phase, or why the pod is not where it should be.", o => new PodSummary(o).Reason),
            Timed("Restarts", "How often containers were restarted, and when last.", (o, now) => new PodSummary(o).RestartText(now)),
            Age,
            Wide(Text("IP", "Address of the pod.", o => o.Items("status", "podIPs").FirstOrDefault().Text("ip") is { Length: > 0 } ip ? ip : "<none>")),
            Wide(Text("Node", "Node that runs the pod.", o => OrNone(o.Text("spec", "nodeName")))),
            Wide(Text("Nominated Node", "Node where the pod waits for room.", o => OrNone(o.Text("status", "nominatedNodeName")))),
            Wide(Text("Readiness Gates", "How many of the additional conditions for readiness are true.", ReadinessGates)),
        ]),
        ("", "PodTemplate",
        [
            Name,
            .. Workload(["template", "spec"], null).Select(c => c with { Priority = 0 }),
            Text("Pod Labels", "Labels of the pod template.", o => Labels(o.Map("template", "metadata", "labels"))),
        ]),
        ("", "ReplicationController", [.. Replicas(), .. Workload(Template, o => Labels(o.Map("spec", "selector")))]),
        ("apps", "ReplicaSet", [.. Replicas(), .. Workload(Template, o => Selector(o.At("spec", "selector")))]),
        ("apps", "Deployment",
        [
            Name,
            Text("Ready", "How many pods are ready, of how many.", o => Of(o.Number("status", "readyReplicas"), o.Number("spec", "replicas"))),
            Number("Up-to-date", "How many pods have the current template.", o => o.Number("status", "updatedReplicas"), "string"),
            Number("Available", "How many pods have been ready for long enough.", o => o.Number("status", "availableReplicas"), "string"),
            Age,
            .. Workload(Template, o => Selector(o.At("spec", "selector"))),
        ]),
        ("apps", "StatefulSet",
        [
            Name,
            Text("Ready", "How many pods are ready, of how many.", o => Of(o.Number("status", "readyReplicas"), o.Number("spec", "replicas"))),
            Age,
            .. Workload(Template, null),
        ]),
        ("apps", "DaemonSet",
        [
            Name,
            Number("Desired", "How many nodes should run a pod.", o => o.Number("status", "desiredNumberScheduled")),
            Number("Current", "How many of them run one.", o => o.Number("status", "currentNumberScheduled")),
            Number("Ready", "How many pods are ready.", o => o.Number("status", "numberReady")),
            Number("Up-to-date", "How many pods have the current template.", o => o.Number("status", "updatedNumberScheduled")),
            Number("Available", "How many pods have been ready for long enough.", o => o.Number("status", "numberAvailable")),
            Text("Node Selector", "Labels of the nodes that run a pod.", o => Labels(o.Map("spec", "template", "spec", "nodeSelector"))),
            Age,
            .. Workload(Template, o => Selector(o.At("spec", "selector"))),
        ]),
        ("apps", "ControllerRevision",
        [
            Name,
            Text("Controller", "The object that the revision is of.", Controller),
            Number("Revision", "Number of the revision.", o => o.Number("revision"), "string"),
            Age,
        ]),
        ("batch", "Job",
        [
            Name,
            Text("Status", "Where the job stands.", JobStatus),
            Text("Completions", "How many pods have succeeded, of how many.", Completions),
            Timed("Duration", "How long the job has run, or ran.", JobDuration),
            Age,
            .. Workload(Template, o => Selector(o.At("spec", "selector"))),
        ]),
        ("batch", "CronJob",
        [
            Name,
            Text("Schedule", "When jobs are started.", o => o.Text("spec", "schedule")),
            Text("Timezone", "Time zone of the schedule.", o => o.Text("spec", "timeZone") ?? "<none>"),
            new("Suspend", "boolean", "", "Whether no jobs are started.", 0, (o, _) => o.Flag("spec", "suspend") switch { true => "True", false => "False", _ => "<unset>" }),
            Number("Active", "How many jobs run.", o => o.Items("status", "active").Count),
            Timed("Last Schedule", "When a job was started last.", (o, now) => o.At("status", "lastScheduleTime") is { } last ? Ages.Since(last, now) : "<none>"),
            Age,
            .. Workload(["spec", "jobTemplate", "spec", "template", "spec"], o => Selector(o.At("spec", "jobTemplate", "spec", "selector"))),
        ]),
    ];

    private static TableColumn[] Replicas() =>
    [
        Name,
        Number("Desired", "How many pods should run.", o => o.Number("spec", "replicas")),
        Number("Current", "How many pods there are.", o => o.Number("status", "replicas")),
        Number("Ready", "How many pods are ready.", o => o.Number("status", "readyReplicas")),
        Age,
    ];

    private static string OrNone(string? text) => string.IsNullOrEmpty(text) ? "<none>" : text;

    private static string Of(long? part, long? whole) => string.Create(CultureInfo.InvariantCulture, $"{part ?? 0}/{whole ?? 0}");

    private static string ReadinessGates(JsonObject pod)
    {
        var gates = pod.Items("spec", "readinessGates");
        var conditions = pod.Items("status", "conditions");
        return gates.Count == 0 ? "<none>" : Of(gates.Count(g => conditions.Any(c =>
            c.Text("type") == g.Text("conditionType") && c.Text("status") == "True")), gates.Count);
    }

    private static string Controller(JsonObject obj)
    {
        var owner = obj.Items("metadata", "ownerReferences").FirstOrDefault(o => o.Flag("controller") == true);
        if (owner is null)
        {
            return "<none>";
        }

        var kind = GroupVersionKind.Parse(owner.Text("apiVersion") ?? "", owner.Text("kind") ?? "");
        return $"{new GroupResource(kind.Group, kind.Kind.ToLowerInvariant())}/{owner.Text("name")}";
    }

    private static string JobStatus(JsonObject job)
    {
        bool Has(string type) => job.Items("status", "conditions").Any(c => c.Text("type") == type && c.Text("status") == "True");
        return Has("Complete") ? "Complete"
            : Has("Failed") ? "Failed"
            : job.Text("metadata", "deletionTimestamp") is not null ? "Terminating"
            : Has("Suspended") ? "Suspended"
            : Has("FailureTarget") ? "FailureTarget"
            : Has("SuccessCriteriaMet") ? "SuccessCriteriaMet"
            : "Running";
    }

    private static string Completions(JsonObject job)
    {
        var succeeded = job.Number("status", "succeeded") ?? 0;
        return job.Number("spec", "completions") is { } completions ? Of(succeeded, completions)
            : job.Number("spec", "parallelism") is > 1 and var parallelism ? string.Create(CultureInfo.InvariantCulture, $"{succeeded}/1 of {parallelism}")
            : Of(succeeded, 1);
    }

    private static string JobDuration(JsonObject job, DateTimeOffset now) =>
        !KubeTime.TryParse(job.Text("status", "startTime"), out var start) ? ""
        : Ages.Words((KubeTime.TryParse(job.Text("status", "completionTime"), out var end) ? end : now) - start);
}
