using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Applying;

/// <summary>Writes the status of objects: one merge patch of what is different, and no request at all when nothing is.</summary>
/// <remarks>Thread-safe. Other members of the status, of other controllers, stay as they are.</remarks>
/// <param name="client">Sends the patches.</param>
public sealed class StatusWriter(KubeClient client)
{
    /// <summary>Makes the status of <paramref name="before"/> that of <paramref name="after"/>.</summary>
    /// <param name="before">The object as it was read. An object of the same name with another uid is not written.</param>
    /// <param name="after">The same object with the status that is wanted; nothing but its status is looked at.</param>
    /// <param name="cancellationToken">Ends the request; whether the server took it is then unknown.</param>
    /// <returns>Whether anything was written.</returns>
    /// <exception cref="ApiException"><see cref="ApiException.IsNotFound"/>, or <see cref="ApiException.IsConflict"/> if the object is another one by now.</exception>
    public Task<bool> WriteAsync<T>(T before, T after, CancellationToken cancellationToken = default)
        where T : KubeObject, IKubeObject<T> =>
        WriteAsync(T.Resource, before.Key, before.Metadata.Uid, StatusOf(before), StatusOf(after), cancellationToken);

    /// <summary>Makes one status another.</summary>
    /// <param name="type">Kind of the object; must have the status subresource.</param>
    /// <param name="key">The object.</param>
    /// <param name="uid">Its uid, to write to no other; null does not check.</param>
    /// <param name="before">The status as it was read; null if there is none.</param>
    /// <param name="after">The status that is wanted.</param>
    /// <param name="cancellationToken">Ends the request; whether the server took it is then unknown.</param>
    /// <returns>Whether anything was written.</returns>
    /// <exception cref="ApiException"><see cref="ApiException.IsNotFound"/>, or <see cref="ApiException.IsConflict"/> if the object is another one by now.</exception>
    public async Task<bool> WriteAsync(
        ResourceType type, ObjectKey key, string? uid, JsonObject? before, JsonObject? after, CancellationToken cancellationToken = default)
    {
        if (MergeDiff.Of(before ?? [], after ?? []) is not { } difference)
        {
            return false;
        }

        var patch = new JsonObject { ["status"] = difference };
        if (uid is not null)
        {
            patch["metadata"] = new JsonObject { ["uid"] = uid };
        }

        await client.PatchAsync(type, key, PatchType.Merge, JsonBytes.Of(patch), new() { Subresource = "status" }, cancellationToken);
        return true;
    }

    private static JsonObject? StatusOf<T>(T value)
        where T : KubeObject, IKubeObject<T> =>
        JsonSerializer.SerializeToNode(value, T.JsonTypeInfo)?["status"] as JsonObject;
}
