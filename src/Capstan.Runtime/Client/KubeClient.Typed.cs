namespace Capstan;

public sealed partial class KubeClient
{
    /// <summary>Gets an object.</summary>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsNotFound"/>.</exception>
    public async Task<T> GetAsync<T>(ObjectKey key, CancellationToken cancellationToken = default)
        where T : KubeObject, IKubeObject<T> =>
        (await GetAsync(T.Resource, key, cancellationToken)).To<T>();

    /// <summary>Gets an object, or null if there is none.</summary>
    /// <exception cref="ApiException">Any error but <see cref="ApiException.IsNotFound"/>.</exception>
    public async Task<T?> FindAsync<T>(ObjectKey key, CancellationToken cancellationToken = default)
        where T : KubeObject, IKubeObject<T> =>
        (await FindAsync(T.Resource, key, cancellationToken))?.To<T>();

    /// <summary>Lists objects, page after page. A list that expires on the way is taken again in one piece.</summary>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsForbidden"/>.</exception>
    public async Task<KubeList<T>> ListAsync<T>(ListOptions? options = null, CancellationToken cancellationToken = default)
        where T : KubeObject, IKubeObject<T>
    {
        var list = await ListAsync(T.Resource, options, cancellationToken);
        return new([.. list.Items.Select(i => i.To<T>())], list.ResourceVersion);
    }

    /// <summary>Creates an object. Its name may be left to the server with <c>generateName</c>.</summary>
    /// <returns>What the server stored.</returns>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsAlreadyExists"/>.</exception>
    public async Task<T> CreateAsync<T>(T value, WriteOptions? options = null, CancellationToken cancellationToken = default)
        where T : KubeObject, IKubeObject<T> =>
        (await CreateAsync(T.Resource, DynamicObject.From(value), options, cancellationToken)).To<T>();

    /// <summary>Replaces an object. With a resourceVersion in <paramref name="value"/> only that version is replaced.</summary>
    /// <returns>What the server stored.</returns>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsConflict"/>.</exception>
    public async Task<T> UpdateAsync<T>(T value, WriteOptions? options = null, CancellationToken cancellationToken = default)
        where T : KubeObject, IKubeObject<T> =>
        (await UpdateAsync(T.Resource, DynamicObject.From(value), options, cancellationToken)).To<T>();

    /// <summary>Patches an object with UTF-8 JSON.</summary>
    /// <returns>What the server stored.</returns>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsNotFound"/>.</exception>
    public async Task<T> PatchAsync<T>(
        ObjectKey key, PatchType patchType, ReadOnlyMemory<byte> body, PatchOptions? options = null, CancellationToken cancellationToken = default)
        where T : KubeObject, IKubeObject<T> =>
        (await PatchAsync(T.Resource, key, patchType, body, options, cancellationToken)).To<T>();

    /// <summary>Merges into the subresource <c>status</c> of an object.</summary>
    /// <param name="key">The object.</param>
    /// <param name="mergePatch">UTF-8 JSON merge patch with the member <c>status</c>; a <c>metadata.resourceVersion</c> or <c>metadata.uid</c> in it is a precondition.</param>
    /// <param name="options">Manager, dry run; its subresource is not looked at.</param>
    /// <param name="cancellationToken">Ends the request; whether the server took it is then unknown.</param>
    /// <returns>What the server stored.</returns>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsNotFound"/>.</exception>
    public Task<T> PatchStatusAsync<T>(ObjectKey key, ReadOnlyMemory<byte> mergePatch, PatchOptions? options = null, CancellationToken cancellationToken = default)
        where T : KubeObject, IKubeObject<T> =>
        PatchAsync<T>(key, PatchType.Merge, mergePatch, (options ?? new PatchOptions()) with { Subresource = "status" }, cancellationToken);

    /// <summary>Applies a typed object: every member that is not null is a field that the manager wants.</summary>
    /// <returns>What the server stored.</returns>
    /// <exception cref="ApiException"><see cref="ApiException.IsConflict"/>: other managers own some of the fields, and not forced.</exception>
    public async Task<T> ApplyAsync<T>(T value, ApplyOptions options, CancellationToken cancellationToken = default)
        where T : KubeObject, IKubeObject<T> =>
        (await ApplyAsync(T.Resource, value.Key, DynamicObject.From(value).Json, options, cancellationToken)).To<T>();

    /// <summary>Deletes an object.</summary>
    /// <returns>The object if the server keeps it until its finalizers or its grace period are done; null if it is gone.</returns>
    /// <exception cref="ApiException"><see cref="ApiException.IsNotFound"/>, or <see cref="ApiException.IsConflict"/> if a precondition does not hold.</exception>
    public async Task<T?> DeleteAsync<T>(ObjectKey key, DeleteOptions? options = null, CancellationToken cancellationToken = default)
        where T : KubeObject, IKubeObject<T> =>
        (await DeleteAsync(T.Resource, key, options, cancellationToken))?.To<T>();
}
