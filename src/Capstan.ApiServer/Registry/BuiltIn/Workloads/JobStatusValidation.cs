using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;

namespace Capstan.ApiServer.Registry.BuiltIn.Workloads;

/// <summary>Faults of a job's status. Most are judged only when what they concern changes, so that an odd status does not stop others from being mended.</summary>
internal static class JobStatusValidation
{
    /// <summary>Adds the faults.</summary>
    public static void Check(Place job, JsonObject old)
    {
        var (spec, status) = (job["spec"], job["status"]);
        var change = new Change(status.Value, old["status"]);
        foreach (var field in (ReadOnlySpan<string>)["active", "succeeded", "failed", "ready", "terminating"])
        {
            status[field].NotNegative();
        }

        CheckUncounted(status["uncountedTerminatedPods"]);
        CheckConditions(status, change);
        CheckTimes(status, change);
        CheckFinished(spec, status, change);
        CheckIndexes(spec, status, change);
        if (status["terminating"].Number > 0 && change.IsFinished && change.Any("terminating", change.FinishedChanged))
        {
            status["terminating"].Invalid("terminating>0 is invalid for finished job");
        }

        if (status["ready"].Exists && status["ready"].Number > status["active"].Number && change.Any("ready", change.Of("active")))
        {
            status["ready"].Invalid("cannot set more ready pods than active");
        }

        CheckSuccess(spec, status, change);
        CheckKept(spec, status, old, change);
    }

    private static void CheckUncounted(Place pods)
    {
        HashSet<string> seen = [];
        foreach (var uid in pods["succeeded"].Items.Concat(pods["failed"].Items))
        {
            if (!uid.HasText)
            {
                uid.Invalid("", "must not be empty");
            }
            else if (!seen.Add(uid.Text))
            {
                uid.Duplicate();
            }
        }
    }

    private static void CheckConditions(Place status, Change change)
    {
        if (change.Is("Complete") && change.Is("Failed") && (change.Turned("Complete") || change.Turned("Failed")))
        {
            status["conditions"].InvalidUnshown("cannot set Complete=True and Failed=true conditions");
        }

        if (change.Is("Complete") && change.Is("FailureTarget") && (change.Turned("Complete") || change.Turned("FailureTarget")))
        {
            status["conditions"].InvalidUnshown("cannot set Complete=True and FailureTarget=true conditions");
        }
    }

    private static void CheckTimes(Place status, Change change)
    {
        var (start, end) = (status["startTime"], status["completionTime"]);
        if (change.Any("completionTime", change.Turned("Complete")))
        {
            if (end.Exists && !change.Is("Complete"))
            {
                end.Invalid("cannot set completionTime when there is no Complete=True condition");
            }

            if (!end.Exists && change.Is("Complete"))
            {
                end.Required("completionTime is required for Complete jobs");
            }
        }

        if (start.Exists && end.Exists && change.Any("startTime", change.Of("completionTime")) && KubeTime.TryParse(start.Text, out var from) && KubeTime.TryParse(end.Text, out var to) && to < from)
        {
            end.Invalid("must be equal to or after `startTime`");
        }

        if (change.Is("Failed") && !change.Is("FailureTarget") && change.Any("failedIndexes", change.Turned("Failed")))
        {
            status["conditions"].InvalidUnshown("cannot set Failed=True condition without the FailureTarget=true condition");
        }

        if (change.Is("Complete") && !change.Is("SuccessCriteriaMet") && (change.Turned("Complete") || change.Turned("SuccessCriteriaMet")))
        {
            status["conditions"].InvalidUnshown("cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
        }
    }

    private static void CheckFinished(Place spec, Place status, Change change)
    {
        if (!change.IsFinished)
        {
            return;
        }

        if (status["active"].Number > 0 && change.Any("active", change.FinishedChanged))
        {
            status["active"].Invalid("active>0 is invalid for finished job");
        }

        var neverStarted = spec["suspend"].Flag && spec["completions"].Exists && spec["completions"].Number == 0;
        if (!status["startTime"].Exists && !neverStarted && change.Any("startTime", change.FinishedChanged))
        {
            status["startTime"].Required("startTime is required for finished job");
        }

        var pods = status["uncountedTerminatedPods"];
        if (pods["succeeded"].Count + pods["failed"].Count > 0 && change.Any("uncountedTerminatedPods", change.FinishedChanged))
        {
            pods.Invalid("must be empty for finished job");
        }
    }

    private static void CheckIndexes(Place spec, Place status, Change change)
    {
        var (completed, failed) = (status["completedIndexes"], status["failedIndexes"]);
        var completions = spec["completions"];
        if (change.Of("completedIndexes") && completions.Exists && JobIndexes.TryCount(completed.Text, completions.Number, out _) is { } fault)
        {
            completed.Invalid($"error parsing completedIndexes: {fault}");
        }

        if (change.Of("failedIndexes") && completions.Exists && spec["backoffLimitPerIndex"].Exists && failed.Exists && JobIndexes.TryCount(failed.Text, completions.Number, out _) is { } failedFault)
        {
            failed.Invalid($"error parsing failedIndexes: {failedFault}");
        }

        if (change.Of("completedIndexes") && completed.HasText && spec["completionMode"].Text != "Indexed")
        {
            completed.Invalid("cannot set non-empty completedIndexes when non-indexed completion mode");
        }

        if (change.Of("failedIndexes") && failed.Exists && !spec["backoffLimitPerIndex"].Exists)
        {
            failed.Invalid("cannot set non-null failedIndexes when backoffLimitPerIndex is null");
        }

        if (completions.Exists && failed.Exists && change.Any("failedIndexes", change.Of("completedIndexes"))
            && JobIndexes.Common(completed.Text, failed.Text, completions.Number) is { } common)
        {
            failed.Invalid($"failedIndexes and completedIndexes overlap at index: {common}");
        }
    }

    private static void CheckSuccess(Place spec, Place status, Change change)
    {
        if (change.Is("SuccessCriteriaMet") && change.Is("Failed"))
        {
            status["conditions"].InvalidUnshown("cannot set SuccessCriteriaMet=True and Failed=true conditions");
        }

        if (change.Is("SuccessCriteriaMet") && change.Is("FailureTarget"))
        {
            status["conditions"].InvalidUnshown("cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
        }

        if (spec["successPolicy"].Exists && !change.Is("SuccessCriteriaMet") && change.Is("Complete"))
        {
            status["conditions"].InvalidUnshown("cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True");
        }
    }

    // What has happened does not unhappen.
    private static void CheckKept(Place spec, Place status, JsonObject old, Change change)
    {
        foreach (var type in (ReadOnlySpan<string>)["Failed", "Complete", "FailureTarget"])
        {
            if (change.Was(type) && !change.Is(type))
            {
                status["conditions"].InvalidUnshown($"cannot disable the terminal {type}=True condition");
            }
        }

        if (status["failed"].Number < (old.Number("status", "failed") ?? 0))
        {
            status["failed"].Invalid(status["failed"].Number, "cannot decrease the failed counter");
        }

        var scales = spec["completionMode"].Text == "Indexed" && JsonNode.DeepEquals(spec["completions"].Value, spec["parallelism"].Value);
        if (!scales && status["succeeded"].Number < (old.Number("status", "succeeded") ?? 0))
        {
            status["succeeded"].Invalid(status["succeeded"].Number, "cannot decrease the succeeded counter");
        }

        if (status["completionTime"].Exists && old.At("status", "completionTime") is { } end && status["completionTime"].Text != end.Text())
        {
            status["completionTime"].Invalid("field is immutable");
        }

        var resuming = change.Was("Suspended") && change.Has("Suspended", "False");
        if (old.At("status", "startTime") is not null && change.Of("startTime") && !resuming && !spec["suspend"].Flag)
        {
            status["startTime"].Invalid("field is immutable for unsuspended job once set");
        }

        if (change.Was("SuccessCriteriaMet") && !change.Is("SuccessCriteriaMet"))
        {
            status["conditions"].InvalidUnshown("cannot disable the SuccessCriteriaMet=True condition");
        }

        if (change.Was("Complete") && !change.Was("SuccessCriteriaMet") && change.Is("SuccessCriteriaMet"))
        {
            status["conditions"].InvalidUnshown("cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions");
        }
    }

    /// <summary>A status and what it was.</summary>
    private sealed class Change(JsonNode? now, JsonNode? before)
    {
        public bool IsFinished => Is("Complete") || Is("Failed");

        public bool FinishedChanged => IsFinished != (Was("Complete") || Was("Failed"));

        public bool Is(string condition) => Has(condition, "True");

        public bool Has(string condition, string state) => now.Items("conditions").Any(c => c.Text("type") == condition && c.Text("status") == state);

        public bool Was(string condition) => before.Items("conditions").Any(c => c.Text("type") == condition && c.Text("status") == "True");

        public bool Turned(string condition) => Is(condition) != Was(condition);

        public bool Of(string field) => !JsonNode.DeepEquals(now.At(field), before.At(field));

        public bool Any(string field, bool other) => other || Of(field);
    }
}
