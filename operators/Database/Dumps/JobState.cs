using System.Text.Json.Nodes;
using Capstan;

namespace Databases.Dumps;

/// <summary>How far a Job is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its uid: another Job of the name has another.</param>
/// <param name="EndedAt">When it ended; null while it runs.</param>
/// <param name="HasSucceeded">Whether it ended well.</param>
/// <param name="Message">Why it failed, in the words of the Job controller.</param>
internal sealed record JobState(string Name, string Uid, DateTimeOffset? EndedAt, bool HasSucceeded, string Message)
{
    public static JobState Of(DynamicObject job)
    {
        var conditions = job.ToJson()["status"]?["conditions"] as JsonArray;
        var end = conditions?.FirstOrDefault(condition => (string?)condition!["type"] is "Complete" or "Failed" && (string?)condition["status"] == "True");
        return new(
            job.Key.Name,
            job.Uid!,
            end is null ? null : KubeTime.TryParse((string?)end["lastTransitionTime"], out var at) ? at : DateTimeOffset.UnixEpoch,
            (string?)end?["type"] == "Complete",
            (string?)end?["message"] ?? "");
    }
}
