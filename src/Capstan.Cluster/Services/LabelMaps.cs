namespace Capstan.Cluster.Services;

/// <summary>Labels and annotations that one object takes over from another.</summary>
internal static class LabelMaps
{
    /// <summary>None and empty are the same.</summary>
    public static bool AreEqual(IReadOnlyDictionary<string, string>? one, IReadOnlyDictionary<string, string>? other) =>
        (one?.Count ?? 0) == (other?.Count ?? 0) && (one is null || one.All(label => other!.TryGetValue(label.Key, out var value) && value == label.Value));

    public static Dictionary<string, string> Without(IReadOnlyDictionary<string, string>? map, params ReadOnlySpan<string> keys)
    {
        var copy = new Dictionary<string, string>(map ?? new Dictionary<string, string>());
        foreach (var key in keys)
        {
            copy.Remove(key);
        }

        return copy;
    }
}
