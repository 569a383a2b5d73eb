namespace Capstan.ApiServer.Storage;

/// <summary>One write: what an object was and what it became. Exactly one of both may be null: a creation or a deletion.</summary>
/// <param name="Revision">The revision that the write made.</param>
/// <param name="Before">The object before; null when it was created.</param>
/// <param name="After">The object after; null when it was removed.</param>
internal sealed record Change(long Revision, StoredObject? Before, StoredObject? After)
{
    public ObjectKey Key => (After ?? Before)!.Key;

    /// <summary>What it keeps alive beyond the live objects.</summary>
    public long Weight => (Before?.Json.Length ?? 0) + 200;
}
