using System.Text.Json;
using System.Text.Json.Nodes;

namespace Recordings.Tests.Comparing;

/// <summary>What of an answer is compared: what the step says, and at the level <c>result</c> only what a client acts on.</summary>
internal static class Narrowing
{
    /// <summary>All but <c>ignore</c>, or just <c>only</c>, which is then under <c>picked</c>.</summary>
    public static JsonObject Narrowed(JsonObject step, JsonObject answer)
    {
        var ignored = Texts(step["ignore"])
            .Select(p => p.StartsWith("/events", StringComparison.Ordinal) || p.StartsWith("/warnings", StringComparison.Ordinal) || p.StartsWith("/body", StringComparison.Ordinal) ? p : "/body" + p);
        var rest = (JsonObject)Pointers.Without(answer, ignored)!;
        if (!step.ContainsKey("only") || rest.ContainsKey("picked"))
        {
            return rest;
        }

        var picked = new JsonObject();
        foreach (var pointer in Texts(step["only"]))
        {
            picked[pointer] = Pointers.TryFind(rest["body"], pointer, out var found) ? found?.DeepClone() : "<absent>";
        }

        rest.Remove("body");
        rest["picked"] = picked;
        return rest;
    }

    /// <summary>Without the wording of messages and the bookkeeping of managedFields.</summary>
    public static JsonObject Loosened(JsonObject answer)
    {
        var loose = (JsonObject)answer.DeepClone();
        if (loose["picked"] is JsonObject picked)
        {
            foreach (var pointer in picked.Select(p => p.Key).Where(IsWording).ToList())
            {
                picked.Remove(pointer);
            }
        }

        Loosen(loose);
        if (loose["warnings"] is JsonArray warnings)
        {
            loose["warnings"] = warnings.Count;
        }

        return loose.ContainsKey("exit")
            ? new JsonObject { ["exit"] = loose["exit"]!.DeepClone(), ["out"] = loose["out"]!.AsArray().Count }
            : loose;
    }

    private static bool IsWording(string pointer) =>
        pointer.EndsWith("/message", StringComparison.Ordinal) || pointer == "message" || pointer.Contains("/managedFields", StringComparison.Ordinal)
        || pointer.StartsWith("/details/causes", StringComparison.Ordinal);

    private static void Loosen(JsonNode? node)
    {
        if (node is JsonObject members)
        {
            if (IsText(members, "kind", "Status") && IsText(members, "apiVersion", "v1"))
            {
                members.Remove("message");
                if (members["details"] is JsonObject details)
                {
                    LoosenCauses(details);
                    details.Remove("retryAfterSeconds");
                }
            }

            // A condition.
            if (members.ContainsKey("message") && members.ContainsKey("type") && members.ContainsKey("status"))
            {
                members.Remove("message");
            }

            (members["metadata"] as JsonObject)?.Remove("managedFields");
            foreach (var (_, child) in members.ToList())
            {
                Loosen(child);
            }
        }
        else if (node is JsonArray items)
        {
            foreach (var child in items)
            {
                Loosen(child);
            }
        }
    }

    private static void LoosenCauses(JsonObject details)
    {
        if (details["causes"] is JsonArray causes)
        {
            var kept = causes.Select(c => (Reason: (string?)c!["reason"] ?? "", Field: (string?)c["field"] ?? "")).Distinct()
                .OrderBy(c => c.Reason, StringComparer.Ordinal).ThenBy(c => c.Field, StringComparer.Ordinal);
            details["causes"] = new JsonArray([.. kept.Select(c => new JsonArray(c.Reason, c.Field))]);
        }
    }

    private static bool IsText(JsonObject members, string name, string text) =>
        members[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() == text;

    private static IEnumerable<string> Texts(JsonNode? list) => list is JsonArray items ? items.Select(item => (string)item!) : [];
}
