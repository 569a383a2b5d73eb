namespace Capstan.Client;

/// <summary>Tells what was written through a client, or through those that act as others over its connections.</summary>
internal sealed class OwnWrites
{
    public event Action<ResourceType, DynamicObject>? Written;

    public event Action<ResourceType, ObjectKey, string?>? Gone;

    public void TellWritten(ResourceType type, DynamicObject stored) => Written?.Invoke(type, stored);

    public void TellGone(ResourceType type, ObjectKey key, string? uid) => Gone?.Invoke(type, key, uid);
}
