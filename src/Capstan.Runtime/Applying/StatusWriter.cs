using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Applying;

/// <summary>Writes the status of objects: one merge patch of what is different, and no request at all when nothing is.</summary>
/// <remarks>
/// <para>Thread-safe. Other members of the status, of other controllers, stay as they are.</para>
/// <para>Caveat: of custom resources the server takes a status whatever uid it is for. When the object was replaced by another of the same name since it was
/// read, that one gets the status, until its own reconcile corrects it; where this matters, write only the version that was read.</para>
/// </remarks>
/// <param name="client">Sends the patches.</param>
public sealed class StatusWriter(KubeClient client)
{
    private static readonly PatchOptions _options = new() { Subresource = "status" };

    /// <summary>Makes the status of <paramref name="before"/> that of <paramref name="after"/>.</summary>
    /// <param name="before">The object as it was read.</param>
    /// <param name="after">The same object with the status that is wanted; nothing but its status is looked at.</param>
    /// <param name="onlyThisVersion">Whether to write only if nothing about the object has changed since it was read. Default false.</param>
    /// <param name="cancellationToken">Ends the request; whether the server took it is then unknown.</param>
    /// <returns>The object as the server has it now; null when nothing was written.</returns>
    /// <exception cref="ApiException"><see cref="ApiException.IsNotFound"/>, or <see cref="ApiException.IsConflict"/> if only this version was to be written.</exception>
    public Task<DynamicObject?> WriteAsync<T>(T before, T after, bool onlyThisVersion = false, CancellationToken cancellationToken = default)
        where T : KubeObject, IKubeObject<T>
    {
        using var old = StatusText.Of(before);
        using var wanted = StatusText.Of(after);
        return SendAsync(T.Resource, before.Key, PatchOf(old.Status, wanted.Status, onlyThisVersion ? before.Metadata.ResourceVersion : null), cancellationToken);
    }

    /// <summary>Makes one status another.</summary>
    /// <param name="type">Kind of the object; must have the status subresource.</param>
    /// <param name="key">The object.</param>
    /// <param name="before">The status as it was read; null if there is none.</param>
    /// <param name="after">The status that is wanted.</param>
    /// <param name="resourceVersion">The only version to write; null writes any.</param>
    /// <param name="cancellationToken">Ends the request; whether the server took it is then unknown.</param>
    /// <returns>The object as the server has it now; null when nothing was written.</returns>
    /// <exception cref="ApiException"><see cref="ApiException.IsNotFound"/>, or <see cref="ApiException.IsConflict"/> if the object has another version.</exception>
    public Task<DynamicObject?> WriteAsync(
        ResourceType type, ObjectKey key, JsonObject? before, JsonObject? after, string? resourceVersion = null, CancellationToken cancellationToken = default)
    {
        using var old = StatusText.Of(before);
        using var wanted = StatusText.Of(after);
        return SendAsync(type, key, PatchOf(old.Status, wanted.Status, resourceVersion), cancellationToken);
    }

    /// <summary>Null when the two mean the same.</summary>
    private static ReadOnlyMemory<byte>? PatchOf(JsonElement before, JsonElement after, string? resourceVersion)
    {
        if (!MergeDiff.Differs(before, after))
        {
            return null;
        }

        return JsonBytes.Of(
            (before, after, resourceVersion),
            static (writer, change) =>
            {
                writer.WriteStartObject();
                writer.WritePropertyName("status"u8);
                MergeDiff.Write(writer, change.before, change.after);
                if (change.resourceVersion is not null)
                {
                    writer.WriteStartObject("metadata"u8);
                    writer.WriteString("resourceVersion"u8, change.resourceVersion);
                    writer.WriteEndObject();
                }

                writer.WriteEndObject();
            });
    }

    private Task<DynamicObject?> SendAsync(ResourceType type, ObjectKey key, ReadOnlyMemory<byte>? patch, CancellationToken cancellationToken) =>
        patch is { } body ? PatchAsync(type, key, body, cancellationToken) : Task.FromResult<DynamicObject?>(null);

    private async Task<DynamicObject?> PatchAsync(ResourceType type, ObjectKey key, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        await client.PatchAsync(type, key, PatchType.Merge, body, _options, cancellationToken);
}
