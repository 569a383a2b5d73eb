using System.Buffers;
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
    private const int KeptSize = 1024 * 1024;

    // Objects are written where the last one was.
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    /// <summary>Makes the status of <paramref name="before"/> that of <paramref name="after"/>.</summary>
    /// <param name="before">The object as it was read.</param>
    /// <param name="after">The same object with the status that is wanted; nothing but its status is looked at.</param>
    /// <param name="onlyThisVersion">Whether to write only if nothing about the object has changed since it was read. Default false.</param>
    /// <param name="cancellationToken">Ends the request; whether the server took it is then unknown.</param>
    /// <returns>The object as the server has it now; null when nothing was written.</returns>
    /// <exception cref="ApiException"><see cref="ApiException.IsNotFound"/>, or <see cref="ApiException.IsConflict"/> if only this version was to be written.</exception>
    public Task<DynamicObject?> WriteAsync<T>(T before, T after, bool onlyThisVersion = false, CancellationToken cancellationToken = default)
        where T : KubeObject, IKubeObject<T> =>
        WriteAsync(T.Resource, before.Key, StatusOf(before), StatusOf(after), onlyThisVersion ? before.Metadata.ResourceVersion : null, cancellationToken);

    /// <summary>Makes one status another.</summary>
    /// <param name="type">Kind of the object; must have the status subresource.</param>
    /// <param name="key">The object.</param>
    /// <param name="before">The status as it was read; null if there is none.</param>
    /// <param name="after">The status that is wanted.</param>
    /// <param name="resourceVersion">The only version to write; null writes any.</param>
    /// <param name="cancellationToken">Ends the request; whether the server took it is then unknown.</param>
    /// <returns>The object as the server has it now; null when nothing was written.</returns>
    /// <exception cref="ApiException"><see cref="ApiException.IsNotFound"/>, or <see cref="ApiException.IsConflict"/> if the object has another version.</exception>
    public async Task<DynamicObject?> WriteAsync(
        ResourceType type, ObjectKey key, JsonObject? before, JsonObject? after, string? resourceVersion = null, CancellationToken cancellationToken = default)
    {
        if (MergeDiff.Of(before ?? [], after ?? []) is not { } difference)
        {
            return null;
        }

        var patch = new JsonObject { ["status"] = difference };
        if (resourceVersion is not null)
        {
            patch["metadata"] = new JsonObject { ["resourceVersion"] = resourceVersion };
        }

        return await client.PatchAsync(type, key, PatchType.Merge, JsonBytes.Of(patch), new() { Subresource = "status" }, cancellationToken);
    }

    /// <summary>The status alone as a tree: of the rest, which may be large, none is made.</summary>
    private static JsonObject? StatusOf<T>(T value)
        where T : KubeObject, IKubeObject<T>
    {
        var buffer = _buffer ?? new(4096);
        _buffer = null;
        buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(buffer, new() { MaxDepth = 1024, SkipValidation = true }))
        {
            JsonSerializer.Serialize(writer, value, T.JsonTypeInfo);
        }

        JsonNode? status = null;
        var reader = new Utf8JsonReader(buffer.WrittenSpan, new() { MaxDepth = 1024 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals("status"u8);
            reader.Read();
            if (isIt)
            {
                status = JsonNode.Parse(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        _buffer = buffer.Capacity <= KeptSize ? buffer : null;
        return status as JsonObject;
    }
}
