namespace Capstan.Watching;

/// <summary>Makes the objects to keep of bytes on the wire: one copy of what is wanted of them. Used by one thread at a time.</summary>
/// <param name="type">Gives what items of lists do not say.</param>
/// <param name="withoutManagedFields">Leaves <c>metadata.managedFields</c> out.</param>
/// <param name="metadataOnly">Leaves all but metadata out, should the server have sent more.</param>
/// <param name="transform">Makes of an object what to keep of it, under the same key, uid and version; null keeps all. Must not throw.</param>
/// <param name="known">The object that is kept under a key already: taken again if it has the version that came, so that a list of what is known costs no memory.</param>
internal sealed class ObjectDecoder(
    ResourceType type, bool withoutManagedFields, bool metadataOnly = false, Func<DynamicObject, DynamicObject>? transform = null, Func<ObjectKey, DynamicObject?>? known = null)
{
    // Lists come by namespace: one string serves all objects of a run.
    private string _namespace = "";

    public ResourceType Type => type;

    /// <exception cref="System.Text.Json.JsonException">Not an object of the API.</exception>
    public DynamicObject Read(ReadOnlySpan<byte> json)
    {
        var read = DynamicObject.CopyFrom(json, type, withoutManagedFields, _namespace, known, out var isKnown);
        _namespace = read.Key.Namespace;
        return isKnown ? read : Reduce(read);
    }

    /// <summary>What is kept of an object that did not come from the watch.</summary>
    public DynamicObject Reduce(DynamicObject read)
    {
        var reduced = metadataOnly ? read.ToMetadata() : read;
        return transform is null ? reduced : transform(reduced);
    }
}
