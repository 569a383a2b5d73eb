using System.Text.Json;

namespace Capstan.Caching;

/// <summary>Tells whether a write was the end of its object.</summary>
internal static class OwnDeletion
{
    /// <summary>Whether the server deleted the object with the write, because it removed the last that held it back: no watch will show it again.</summary>
    public static bool Finishes(DynamicObject written)
    {
        if (written.DeletionTimestamp is null || written.Finalizers.Count > 0)
        {
            return false;
        }

        using var json = JsonDocument.Parse(written.Json, new JsonDocumentOptions { MaxDepth = 1024 });
        var root = json.RootElement;

        // Pods end with grace; namespaces have finalizers of their own.
        var hasGrace = root.GetProperty("metadata").TryGetProperty("deletionGracePeriodSeconds", out var grace) && grace.ValueKind == JsonValueKind.Number && grace.GetInt64() > 0;
        var isHeld = root.TryGetProperty("spec", out var spec) && spec.ValueKind == JsonValueKind.Object && spec.TryGetProperty("finalizers", out var held)
            && held.ValueKind == JsonValueKind.Array && held.GetArrayLength() > 0;
        return !hasGrace && !isHeld;
    }
}
