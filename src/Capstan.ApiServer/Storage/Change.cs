namespace Capstan.ApiServer.Storage;

/// <summary>One write: what an object was and what it became. Exactly one of both may be null: a creation or a deletion.</summary>
/// <param name="Revision">The revision that the write made.</param>
/// <param name="Before">The object before; null when it was created.</param>
/// <param name="After">The object after; null when it was removed.</param>
internal sealed record Change(long Revision, StoredObject? Before, StoredObject? After)
{
    private StoredObject? _removed;

    /// <summary>What was there before, as the event of its removal shows it; made once for all watches.</summary>
    public StoredObject Removed => _removed ??= Before!.At(Revision);

    public ObjectKey Key => (After ?? Before)!.Key;

    /// <summary>What it keeps alive beyond the live objects.</summary>
    public long Weight => (Before?.Json.Length ?? 0) + 200;
}
