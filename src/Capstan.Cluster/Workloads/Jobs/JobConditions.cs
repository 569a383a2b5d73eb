using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Jobs;

/// <summary>Conditions of Jobs. Pure.</summary>
internal static class JobConditions
{
    public const string FailureTarget = "FailureTarget";
    public const string SuccessCriteriaMet = "SuccessCriteriaMet";

    public static JobCondition New(string type, string reason, string message, DateTimeOffset now, string status = "True")
    {
        var at = KubeTime.Truncate(now);
        return new() { Type = type, Status = status, LastProbeTime = at, LastTransitionTime = at, Reason = reason, Message = message };
    }

    /// <summary>Sets a condition; one that never was is not written as False.</summary>
    /// <returns>Whether anything is different now.</returns>
    public static bool Ensure(JobStatus status, JobCondition wanted)
    {
        var list = status.Conditions ??= [];
        var index = list.FindIndex(one => one.Type == wanted.Type);
        if (index < 0)
        {
            if (wanted.Status != "False")
            {
                list.Add(wanted);
                return true;
            }

            status.Conditions = list.Count > 0 ? list : null;
            return false;
        }

        if (list[index].Status == wanted.Status && list[index].Reason == wanted.Reason && (list[index].Message ?? "") == wanted.Message)
        {
            return false;
        }

        list[index] = wanted;
        return true;
    }
}
