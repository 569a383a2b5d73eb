using System.Collections.Concurrent;
using System.Text.Json;
using Capstan;
using Capstan.Caching;
using KubeTemplater.Applying;
using KubeTemplater.Templating;

namespace KubeTemplater.Drift;

/// <summary>Who changed an object last, as its managed fields say: for people. Thread-safe.</summary>
internal sealed class DriftNotes
{
    // Objects that are noted at most; a note is a courtesy.
    private const int Most = 10_000;

    private static readonly JsonDocumentOptions _deep = new() { MaxDepth = 1024 };

    private readonly ConcurrentDictionary<ObjectIdentity, string> _managers = new();

    /// <summary>The object was changed or deleted.</summary>
    public void Take(ObjectIdentity identity, CacheChange change)
    {
        if (change.New is { } live && _managers.Count < Most && LastOther(live) is { } manager)
        {
            _managers[identity] = manager;
        }
    }

    /// <summary>Field manager of the last change; null if it is not known.</summary>
    public string? WhoChanged(ObjectIdentity identity) => _managers.GetValueOrDefault(identity);

    /// <summary>The object is as it should be.</summary>
    public void Forget(ObjectIdentity identity) => _managers.TryRemove(identity, out _);

    private static string? LastOther(DynamicObject live)
    {
        using var document = JsonDocument.Parse(live.Json, _deep);
        if (!document.RootElement.GetProperty("metadata").TryGetProperty("managedFields", out var managed) || managed.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        return managed.EnumerateArray()
            .Where(entry => entry.ValueKind == JsonValueKind.Object && !entry.TryGetProperty("subresource", out _))
            .Select(entry => (Manager: Text(entry, "manager"), Time: Text(entry, "time")))
            .Where(entry => entry.Manager is not (null or ObjectApplier.FieldManager))
            .DefaultIfEmpty()
            .MaxBy(entry => entry.Time, StringComparer.Ordinal).Manager;
    }

    private static string? Text(JsonElement entry, string member) =>
        entry.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
