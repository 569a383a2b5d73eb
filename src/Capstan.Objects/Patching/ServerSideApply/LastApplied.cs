using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Patching;

/// <summary>The annotation in which <c>kubectl apply</c> without <c>--server-side</c> keeps its configuration. For the manager <c>kubectl</c> the server reads
/// it, so that moving to server-side apply meets no conflict with what the same user applied, and keeps it up to date, so that moving back works.</summary>
internal static class LastApplied
{
    public const string Manager = "kubectl";
    private const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";
    private const int LongestAnnotations = 256 * 1024;

    /// <summary>The fields that live still has as the annotation has them; null when it cannot tell.</summary>
    public static FieldSet? FieldsUnchangedSince(JsonObject live, MergeType type, string apiVersion)
    {
        if (Read(live) is not { Length: > 0 } text) return null;
        try
        {
            if (JsonNode.Parse(text) is not JsonObject last || (string?)last["apiVersion"] != apiVersion || TypeCheck.Check(last, type) is not null) return null;
            var changes = Comparison.Of(last, live, type);
            return FieldsOfValue.Of(last, type).Difference(changes.Modified).Difference(changes.Added).Difference(changes.Removed);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Notes the configuration in the object, if it has the annotation and the annotations do not become too long by it.</summary>
    public static void Refresh(JsonObject merged, JsonObject configuration)
    {
        if (Read(merged) is not { Length: > 0 }) return;
        var copy = configuration.DeepClone().AsObject();
        if (copy["metadata"] is JsonObject metadata && metadata["annotations"] is JsonObject own)
        {
            own.Remove(Annotation);
            if (own.Count == 0) metadata.Remove("annotations");
        }

        var annotations = merged["metadata"]!["annotations"]!.AsObject();
        annotations[Annotation] = GoFormat.Json(copy) + "\n";
        long total = 0;
        foreach (var (name, value) in annotations) total += Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount((string?)value ?? "");
        if (total > LongestAnnotations) annotations.Remove(Annotation);
    }

    private static string? Read(JsonObject value) =>
        value["metadata"] is JsonObject metadata && metadata["annotations"] is JsonObject annotations && annotations[Annotation] is JsonValue text
            && text.TryGetValue<string>(out var written) ? written : null;
}
