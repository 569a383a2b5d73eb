using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan;
using KubeTemplater.Resources;
using KubeTemplater.Templating;
using Microsoft.Extensions.Logging;

namespace KubeTemplater.Applying;

/// <summary>Brings one manifest to the server: one server-side apply, or where asked for and needed, a deletion and an apply.</summary>
internal sealed class ObjectApplier(KubeClient client, WriteBudget budget, ILogger logger, TimeProvider time)
{
    /// <summary>Field manager of everything that the operator applies; the Go operator's, so that its fields are ours.</summary>
    public const string FieldManager = "kubetemplater";

    private static readonly ApplyOptions _options = new() { FieldManager = FieldManager };
    private static readonly TimeSpan _deletionPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _deletionPoll = TimeSpan.FromMilliseconds(250);

    /// <summary>Applies the manifest in the template's name.</summary>
    /// <param name="template">The template.</param>
    /// <param name="manifest">One of its entries.</param>
    /// <param name="demand">Called with whether the kind is namespaced before anything is sent; throws if that is not allowed.</param>
    /// <param name="cancellationToken">Gives up; whether the server took the object is then unknown.</param>
    /// <returns>The object as the server has it now.</returns>
    /// <exception cref="TemplateException">The server serves no such kind, or refused the object.</exception>
    public async Task<DynamicObject> ApplyAsync(KubeTemplate template, Manifest manifest, Action<bool> demand, CancellationToken cancellationToken)
    {
        var type = await client.Discovery.FindAsync(manifest.Kind, cancellationToken)
            ?? throw new TemplateException(
                FailureReasons.UnknownKind,
                $"{manifest}: the API server serves no {manifest.Kind.Kind} in {manifest.Kind.ApiVersion}");
        demand(type.Namespaced);
        var key = type.Namespaced ? manifest.Key : ObjectKey.ClusterScoped(manifest.Key.Name);
        var body = Utf8(manifest.ToObject(template, type.Namespaced));
        try
        {
            return await SendAsync(type, key, body, cancellationToken);
        }
        catch (ApiException refused) when (manifest.Entry.Replace == true && ImmutableField.IsWhy(refused.Status))
        {
            return await ReplaceAsync(template, manifest, type, key, body, refused, cancellationToken);
        }
        catch (ApiException refused)
        {
            throw Refused(manifest, refused);
        }
    }

    private async Task<DynamicObject> SendAsync(ResourceType type, ObjectKey key, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        budget.CountWrite();
        return await client.ApplyAsync(type, key, body, _options, cancellationToken);
    }

    /// <summary>Deletes the object that has the immutable field and makes the new one.</summary>
    /// <remarks>Only an object that carries this template's labels is deleted, and only the very one that was looked at (uid).</remarks>
    private async Task<DynamicObject> ReplaceAsync(
        KubeTemplate template,
        Manifest manifest,
        ResourceType type,
        ObjectKey key,
        ReadOnlyMemory<byte> body,
        ApiException refused,
        CancellationToken cancellationToken)
    {
        try
        {
            var live = await client.GetAsync(type, key, cancellationToken);
            if (!Tracking.Marks(live.Labels, template.Key))
            {
                throw new TemplateException(
                    FailureReasons.ApplyFailed,
                    $"{manifest}: not replaced, since it was not made by this KubeTemplate: {refused.Status.Message}");
            }

            Log.Replacing(logger, manifest.Kind.Kind, key.ToString(), template.Key.ToString(), refused.Status.Message ?? refused.Message);
            budget.CountWrite();
            await client.DeleteAsync(type, key, new DeleteOptions { Uid = live.Uid, PropagationPolicy = "Background" }, cancellationToken);
            await WaitUntilGoneAsync(manifest, type, key, live.Uid, cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Somebody else deleted it: what was in the way is gone.
        }
        catch (ApiException e)
        {
            throw Refused(manifest, e);
        }

        try
        {
            return await SendAsync(type, key, body, cancellationToken);
        }
        catch (ApiException e)
        {
            throw new TemplateException(
                FailureReasons.ApplyFailed,
                $"{manifest}: deleted for replacement, and the new object was refused: {e.Status.Message}");
        }
    }

    private async Task WaitUntilGoneAsync(Manifest manifest, ResourceType type, ObjectKey key, string? uid, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while ((await client.GetAsync(type, key, cancellationToken)).Uid == uid)
        {
            if (time.GetElapsedTime(started) > _deletionPatience)
            {
                throw new TemplateException(FailureReasons.ApplyFailed, $"{manifest}: being replaced, and its deletion still waits for finalizers");
            }

            await Task.Delay(_deletionPoll, time, cancellationToken);
        }
    }

    private static TemplateException Refused(Manifest manifest, ApiException refused) =>
        new(FailureReasons.ApplyFailed, $"{manifest}: {refused.Status.Message ?? refused.Message}") { Refusal = refused };

    private static ReadOnlyMemory<byte> Utf8(JsonObject value)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            value.WriteTo(writer);
        }

        return buffer.WrittenMemory;
    }
}
