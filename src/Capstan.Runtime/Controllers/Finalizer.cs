using System.Text.Json.Nodes;
using Capstan.Applying;

namespace Capstan.Controllers;

/// <summary>Holds a deleted object until its outside effects are undone.</summary>
/// <remarks>
/// <para>The four cases of <see cref="ReconcileAsync"/>: wanted without the finalizer → it is added, then the object is applied; wanted with it → applied;
/// deleted with it → cleaned up, then it is removed; deleted without it → nothing, the object is another's to hold.</para>
/// <para>Guarantee: nothing is applied before the finalizer is stored, and the finalizer goes only after the cleanup said <see cref="ReconcileResult.Done"/>.
/// Other finalizers stay, in their order. An object that is gone meanwhile is no error. Thread-safe.</para>
/// <para>Caveat: an object deleted in the foreground waits for its dependents; a cleanup that waits for the object to go waits for ever.</para>
/// </remarks>
/// <param name="client">Sends the patches.</param>
/// <param name="name">Qualified name, for example <c>example.com/finalizer</c>.</param>
public sealed class Finalizer(KubeClient client, string name)
{
    /// <summary>Runs the case that the object is in.</summary>
    /// <param name="value">The object as it was read.</param>
    /// <param name="apply">Brings about what the object wants; it gets the object with the finalizer.</param>
    /// <param name="cleanup">Undoes it; anything but <see cref="ReconcileResult.Done"/> keeps the finalizer for another run.</param>
    /// <param name="cancellationToken">Of the run.</param>
    public async Task<ReconcileResult> ReconcileAsync<T>(
        T value,
        Func<T, CancellationToken, Task<ReconcileResult>> apply,
        Func<T, CancellationToken, Task<ReconcileResult>> cleanup,
        CancellationToken cancellationToken)
        where T : KubeObject, IKubeObject<T>
    {
        if (value.Metadata.DeletionTimestamp is null)
        {
            return await AddAsync(value, cancellationToken) is { } held ? await apply(held, cancellationToken) : ReconcileResult.Done;
        }

        if (!IsOn(value))
        {
            return ReconcileResult.Done;
        }

        var result = await cleanup(value, cancellationToken);
        if (result == ReconcileResult.Done)
        {
            await RemoveAsync(value, cancellationToken);
        }

        return result;
    }

    /// <summary>Whether the object has this finalizer, anywhere in its list.</summary>
    public bool IsOn(KubeObject value) => value.Metadata.Finalizers?.Contains(name) == true;

    /// <summary>Adds the finalizer if it is not on.</summary>
    /// <returns>The object with it; null if it is gone, is another one by now, or is being deleted: then none can be added.</returns>
    public Task<T?> AddAsync<T>(T value, CancellationToken cancellationToken)
        where T : KubeObject, IKubeObject<T> =>
        PatchAsync(value, current => current.Metadata.DeletionTimestamp is not null ? null : [.. current.Metadata.Finalizers ?? [], name], wanted: true, cancellationToken);

    /// <summary>Removes the finalizer if it is on.</summary>
    /// <returns>The object without it; null if it is gone or is another one by now.</returns>
    public Task<T?> RemoveAsync<T>(T value, CancellationToken cancellationToken)
        where T : KubeObject, IKubeObject<T> =>
        PatchAsync(value, current => [.. current.Metadata.Finalizers!.Where(finalizer => finalizer != name)], wanted: false, cancellationToken);

    /// <summary>The list is replaced whole, so the patch is bound to the version that the list was read from: no other object can have it.</summary>
    private async Task<T?> PatchAsync<T>(T value, Func<T, IReadOnlyList<string>?> change, bool wanted, CancellationToken cancellationToken)
        where T : KubeObject, IKubeObject<T>
    {
        T? current = null;
        try
        {
            return await client.RetryOnConflictAsync(
                async token =>
                {
                    // The first try trusts what the caller read; what another changed since is read from the server.
                    current = current is null ? value : await client.GetAsync<T>(value.Key, token);
                    if (current.Metadata.Uid != value.Metadata.Uid)
                    {
                        return null;
                    }

                    return IsOn(current) == wanted ? current : change(current) is { } finalizers ? await SendAsync(current, finalizers, token) : null;
                },
                cancellationToken);
        }
        catch (ApiException exception) when (exception.IsNotFound)
        {
            return null;
        }
    }

    private async Task<T> SendAsync<T>(T value, IReadOnlyList<string> finalizers, CancellationToken cancellationToken)
        where T : KubeObject, IKubeObject<T>
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["resourceVersion"] = value.Metadata.ResourceVersion,
                ["finalizers"] = new JsonArray([.. finalizers.Select(finalizer => (JsonNode)finalizer)]),
            },
        };
        return (await client.PatchAsync(T.Resource, value.Key, PatchType.Merge, JsonBytes.Of(patch), null, cancellationToken)).To<T>();
    }
}
