using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Recordings.Tests.Sequences;

/// <summary>What holds of every write, whatever it is: each finding is a sentence.</summary>
internal static partial class Invariants
{
    // Empty, these are left out where objects of Go's types are written; who owns them is still told.
    private static readonly string[] MayBeLeftOut =
        ["labels", "annotations", "finalizers", "ownerReferences", "data", "binaryData", "selector", "sessionAffinityConfig", "publishNotReadyAddresses", "minReadySeconds", "nodeSelector", "tolerations", "volumes", "args", "env", "ports"];

    /// <param name="kind">Of the object.</param>
    /// <param name="step">What was written.</param>
    /// <param name="answer">Code and body.</param>
    /// <param name="before">The object before, null if it was not there.</param>
    /// <param name="after">The object after, null if it is not there.</param>
    public static IEnumerable<string> Broken(SequenceKind kind, SequenceStep step, JsonObject answer, JsonObject? before, JsonObject? after)
    {
        var code = (int)answer["code"]!;
        var body = answer["body"] as JsonObject ?? [];
        if (OwnFault().IsMatch((string?)body["message"] ?? ""))
        {
            yield return $"the server had a fault of its own: {body["message"]}";
        }

        foreach (var missing in Managers(after).SelectMany(entry => OwnedFields.Missing(entry["fieldsV1"]!.AsObject(), after).Select(path => (Manager: entry["manager"], Path: path))))
        {
            // What is written to stringData is stored as data; who wrote it owns stringData, at a real server too.
            if (kind.Name == "Secret" && missing.Path.StartsWith("/f:stringData", StringComparison.Ordinal))
            {
                continue;
            }

            if (kind.Name == "Thing" || !MayBeLeftOut.Any(field => missing.Path.EndsWith("/f:" + field, StringComparison.Ordinal)))
            {
                yield return $"{missing.Manager} owns {missing.Path}, which does not exist";
            }
        }

        if (code >= 400)
        {
            if (!JsonNode.DeepEquals(before, after))
            {
                yield return "it was refused, and changed something";
            }

            foreach (var conflict in Conflicts(step, body, before))
            {
                yield return conflict;
            }

            yield break;
        }

        if (step.Verb != "delete" && after is not null && !JsonNode.DeepEquals(body, after))
        {
            yield return $"the answer is not what is read afterwards: {body.ToJsonString()}";
        }

        if (before is not null && after is not null && JsonNode.DeepEquals(before["metadata"]!["uid"], after["metadata"]!["uid"]))
        {
            foreach (var broken in Changes(kind, before, after))
            {
                yield return broken;
            }
        }
    }

    /// <summary>The entries of managedFields.</summary>
    public static IEnumerable<JsonObject> Managers(JsonObject? obj) => obj?["metadata"]?["managedFields"] is JsonArray entries ? entries.Select(entry => entry!.AsObject()) : [];

    public static long Version(JsonObject obj) => long.Parse((string)obj["metadata"]!["resourceVersion"]!, CultureInfo.InvariantCulture);

    private static IEnumerable<string> Changes(SequenceKind kind, JsonObject before, JsonObject after)
    {
        var same = JsonNode.DeepEquals(Without(before, "resourceVersion"), Without(after, "resourceVersion"));
        if (same != (Version(before) == Version(after)) || Version(before) > Version(after))
        {
            yield return $"{(same ? "nothing" : "something")} changed, and the resourceVersion went from {Version(before)} to {Version(after)}";
        }

        var (old, now) = ((long?)before["metadata"]!["generation"], (long?)after["metadata"]!["generation"]);

        // A Deployment counts its annotations too: kubectl rollout keeps its notes there.
        var annotated = kind.Name == "Deployment" && !JsonNode.DeepEquals(before["metadata"]!["annotations"], after["metadata"]!["annotations"]);
        var counted = annotated || !JsonNode.DeepEquals(before["spec"], after["spec"]) || (before["metadata"]!["deletionTimestamp"] is null && after["metadata"]!["deletionTimestamp"] is not null);
        if (kind.HasGeneration && now - old != (counted ? 1 : 0))
        {
            yield return $"the specification {(counted ? "changed" : "did not change")}, and the generation went from {old} to {now}";
        }
    }

    private static IEnumerable<string> Conflicts(SequenceStep step, JsonObject status, JsonObject? before)
    {
        var causes = (status["details"]?["causes"] as JsonArray ?? []).Where(cause => (string?)cause!["reason"] == "FieldManagerConflict").ToList();
        if (causes.Count > 0 && step.Force)
        {
            yield return "an apply with force has conflicts";
        }

        foreach (var cause in causes)
        {
            var named = Named().Match((string)cause!["message"]!).Groups[1].Value;
            if (named == step.Manager && Managers(before).All(entry => (string)entry["manager"]! != named || (string)entry["operation"]! == "Apply"))
            {
                yield return $"{named} has a conflict with itself";
            }

            if (Managers(before).All(entry => (string)entry["manager"]! != named))
            {
                yield return $"the conflict names {named}, who owns nothing";
            }
        }
    }

    private static JsonObject Without(JsonObject obj, string field)
    {
        var copy = (JsonObject)obj.DeepClone();
        copy["metadata"]!.AsObject().Remove(field);
        return copy;
    }

    [GeneratedRegex("conflict with \"([^\"]+)\"")]
    private static partial Regex Named();

    [GeneratedRegex(@"Internal error occurred: \w+Exception: ")]
    private static partial Regex OwnFault();
}
