using System.Globalization;
using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Columns;

/// <summary>What a table says of a pod: the reason that tells most about where it stands, and its containers in numbers.</summary>
internal sealed class PodSummary
{
    private readonly JsonObject _pod;
    private readonly Dictionary<string, bool> _sidecars = [];
    private long _restarts;
    private DateTimeOffset? _lastRestart;
    private long _ready;

    public PodSummary(JsonObject pod)
    {
        _pod = pod;
        foreach (var container in pod.Items("spec", "initContainers"))
        {
            _sidecars[container.Text("name") ?? ""] = container.Text("restartPolicy") == "Always";
        }

        Reason = pod.Text("status", "reason") is { Length: > 0 } reason ? reason : pod.Text("status", "phase") ?? "";
        if (pod.Items("status", "conditions").Any(c => c.Text("type") == "PodScheduled" && c.Text("reason") == "SchedulingGated"))
        {
            Reason = "SchedulingGated";
        }

        var initializing = ReadInitContainers();
        if (!initializing || IsTrue("Initialized"))
        {
            ReadContainers();
        }

        if (pod.Text("metadata", "deletionTimestamp") is not null)
        {
            Reason = pod.Text("status", "reason") == "NodeLost" ? "Unknown"
                : pod.Text("status", "phase") is "Succeeded" or "Failed" ? Reason
                : "Terminating";
        }
    }

    /// <summary>Phase, or the reason of the container that holds the pod back.</summary>
    public string Reason { get; private set; }

    /// <summary>Ready containers of all that should run, sidecars among them.</summary>
    public string Ready => string.Create(CultureInfo.InvariantCulture, $"{_ready}/{_pod.Items("spec", "containers").Count + _sidecars.Values.Count(s => s)}");

    /// <summary>Number of restarts, and how long ago the last was.</summary>
    public string RestartText(DateTimeOffset now) => string.Create(CultureInfo.InvariantCulture, $"{_restarts}")
        + (_restarts > 0 && _lastRestart is { } last ? $" ({Ages.Words(now - last)} ago)" : "");

    /// <summary>Walks the init containers up to the first that is not through; true when there is one.</summary>
    private bool ReadInitContainers()
    {
        var statuses = _pod.Items("status", "initContainerStatuses");
        for (var i = 0; i < statuses.Count; i++)
        {
            var status = statuses[i];
            Count(status);
            var terminated = status.Map("state", "terminated");
            if (terminated is not null && terminated.Number("exitCode") is null or 0)
            {
                continue;
            }

            if (IsSidecar(status) && status.Flag("started") == true)
            {
                _ready += status.Flag("ready") == true ? 1 : 0;
                continue;
            }

            Reason = "Init:" + (terminated is not null ? Termination(terminated)
                : status.Text("state", "waiting", "reason") is { Length: > 0 } waiting and not "PodInitializing" ? waiting
                : string.Create(CultureInfo.InvariantCulture, $"{i}/{_sidecars.Count}"));
            return true;
        }

        return false;
    }

    /// <summary>Walks the containers from the last to the first, so that the first that has something to say wins.</summary>
    private void ReadContainers()
    {
        // Restarts of init containers count only while these run; those of sidecars always.
        (_restarts, _lastRestart) = (0, null);
        foreach (var status in _pod.Items("status", "initContainerStatuses").Where(IsSidecar))
        {
            Count(status);
        }

        var running = false;
        var error = "";
        foreach (var status in _pod.Items("status", "containerStatuses").Reverse())
        {
            Count(status);
            if (status.Text("state", "waiting", "reason") is { Length: > 0 } waiting)
            {
                Reason = waiting;
            }
            else if (status.Map("state", "terminated") is { } terminated)
            {
                Reason = Termination(terminated);
                error = terminated.Number("exitCode") is null or 0 ? error : Reason;
            }
            else if (status.Flag("ready") == true && status.Map("state", "running") is not null)
            {
                running = true;
                _ready++;
            }
        }

        if (Reason == "Completed")
        {
            Reason = running && IsTrue("Ready") ? "Running" : error.Length > 0 ? error : running ? "NotReady" : Reason;
        }
    }

    private bool IsTrue(string type) => _pod.Items("status", "conditions").FirstOrDefault(c => c.Text("type") == type).Text("status") == "True";

    private bool IsSidecar(JsonNode? status) => _sidecars.GetValueOrDefault(status.Text("name") ?? "");

    private void Count(JsonNode? status)
    {
        _restarts += status.Number("restartCount") ?? 0;
        if (KubeTime.TryParse(status.Text("lastState", "terminated", "finishedAt"), out var finished) && !(_lastRestart >= finished))
        {
            _lastRestart = finished;
        }
    }

    private static string Termination(JsonObject terminated) =>
        terminated.Text("reason") is { Length: > 0 } reason ? reason
        : terminated.Number("signal") is { } signal and not 0 ? string.Create(CultureInfo.InvariantCulture, $"Signal:{signal}")
        : string.Create(CultureInfo.InvariantCulture, $"ExitCode:{terminated.Number("exitCode") ?? 0}");
}
