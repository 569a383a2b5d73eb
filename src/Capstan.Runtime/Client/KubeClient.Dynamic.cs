using Capstan.Client;

namespace Capstan;

public sealed partial class KubeClient
{
    /// <summary>Gets an object.</summary>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsNotFound"/>.</exception>
    public Task<DynamicObject> GetAsync(ResourceType type, ObjectKey key, CancellationToken cancellationToken = default) =>
        GetAsync(type, key, null, cancellationToken);

    /// <summary>Gets an object, or null if there is none.</summary>
    /// <exception cref="ApiException">Any error but <see cref="ApiException.IsNotFound"/>.</exception>
    public async Task<DynamicObject?> FindAsync(ResourceType type, ObjectKey key, CancellationToken cancellationToken = default)
    {
        try
        {
            return await GetAsync(type, key, cancellationToken);
        }
        catch (ApiException error) when (error.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Gets a subresource of an object, for example <c>scale</c>; null gets the object.</summary>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsNotFound"/>.</exception>
    public async Task<DynamicObject> GetAsync(ResourceType type, ObjectKey key, string? subresource, CancellationToken cancellationToken = default)
    {
        var answer = await _sender.SendAsync(Request(HttpMethod.Get, type, key, subresource, new QueryText()), cancellationToken);
        return DynamicObject.Parse(answer.Body);
    }

    /// <summary>Gets the metadata of an object alone; its kind is then <c>PartialObjectMetadata</c>.</summary>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsNotFound"/>.</exception>
    public async Task<DynamicObject> GetMetadataAsync(ResourceType type, ObjectKey key, CancellationToken cancellationToken = default)
    {
        var answer = await _sender.SendAsync(Request(HttpMethod.Get, type, key, null, new QueryText()) with { Accept = MediaTypes.Metadata }, cancellationToken);
        return DynamicObject.Parse(answer.Body);
    }

    /// <summary>Creates an object. Its name may be left to the server with <c>generateName</c>.</summary>
    /// <returns>What the server stored.</returns>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsAlreadyExists"/>.</exception>
    public async Task<DynamicObject> CreateAsync(ResourceType type, DynamicObject value, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new WriteOptions();
        var query = new QueryText().Add(options);
        var path = options.Subresource is null ? RequestPath.Collection(type, value.Key.Namespace) : RequestPath.Object(type, value.Key, options.Subresource);
        var name = value.Key.Name.Length > 0 ? value.Key : new ObjectKey(value.Key.Namespace, value.GenerateName + "*");
        var request = new ApiRequest(HttpMethod.Post, path + query, $"POST {Describe(type, name, options.Subresource)}")
        {
            Body = value.Json,
            ContentType = MediaTypes.Json,

            // The first try may have made an object under a name that nobody knows.
            MayRetry = value.Key.Name.Length > 0,
        };
        return await WriteAsync(type, request, options.DryRun, options.Subresource, cancellationToken);
    }

    /// <summary>Replaces an object. With a resourceVersion in <paramref name="value"/> only that version is replaced.</summary>
    /// <returns>What the server stored.</returns>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsConflict"/>.</exception>
    public Task<DynamicObject> UpdateAsync(ResourceType type, DynamicObject value, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new WriteOptions();
        var request = Request(HttpMethod.Put, type, value.Key, options.Subresource, new QueryText().Add(options)) with { Body = value.Json, ContentType = MediaTypes.Json };
        return WriteAsync(type, request, options.DryRun, options.Subresource, cancellationToken);
    }

    /// <summary>Patches an object.</summary>
    /// <param name="type">Kind of the object.</param>
    /// <param name="key">The object.</param>
    /// <param name="patchType">How <paramref name="body"/> is meant.</param>
    /// <param name="body">UTF-8 JSON; not copied, must not change until the task is done.</param>
    /// <param name="options">Manager, force, dry run, subresource.</param>
    /// <param name="cancellationToken">Ends the request; whether the server took it is then unknown.</param>
    /// <returns>What the server stored.</returns>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsNotFound"/>.</exception>
    public Task<DynamicObject> PatchAsync(
        ResourceType type, ObjectKey key, PatchType patchType, ReadOnlyMemory<byte> body, PatchOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new PatchOptions();
        var query = new QueryText().Add(options, patchType == PatchType.Apply);
        var request = Request(HttpMethod.Patch, type, key, options.Subresource, query) with { Body = body, ContentType = MediaTypes.Of(patchType) };
        return WriteAsync(type, request, options.DryRun, options.Subresource, cancellationToken);
    }

    /// <summary>Applies an object: creates it, or makes the fields that the manager names so, and removes those that it no longer names.</summary>
    /// <param name="type">Kind of the object.</param>
    /// <param name="key">The object.</param>
    /// <param name="body">UTF-8 JSON or YAML with <c>apiVersion</c>, <c>kind</c> and <c>metadata.name</c>, without managedFields; not copied.</param>
    /// <param name="options">Manager, force, dry run, subresource.</param>
    /// <param name="cancellationToken">Ends the request; whether the server took it is then unknown.</param>
    /// <returns>What the server stored.</returns>
    /// <exception cref="ApiException"><see cref="ApiException.IsConflict"/>: other managers own some of the fields, and not forced.</exception>
    public Task<DynamicObject> ApplyAsync(ResourceType type, ObjectKey key, ReadOnlyMemory<byte> body, ApplyOptions options, CancellationToken cancellationToken = default)
    {
        var patch = new PatchOptions
        {
            FieldManager = options.FieldManager,
            Force = options.Force,
            DryRun = options.DryRun,
            Subresource = options.Subresource,
            FieldValidation = options.FieldValidation,
        };
        return PatchAsync(type, key, PatchType.Apply, body, patch, cancellationToken);
    }

    /// <summary>Deletes an object.</summary>
    /// <returns>The object if the server keeps it until its finalizers or its grace period are done; null if it is gone.</returns>
    /// <exception cref="ApiException"><see cref="ApiException.IsNotFound"/>, or <see cref="ApiException.IsConflict"/> if a precondition does not hold.</exception>
    public async Task<DynamicObject?> DeleteAsync(ResourceType type, ObjectKey key, DeleteOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new DeleteOptions();
        var request = Request(HttpMethod.Delete, type, key, null, new QueryText()) with { Body = DeletionBody.Write(options), ContentType = MediaTypes.Json };
        var answer = await _sender.SendAsync(request, cancellationToken);
        var left = DynamicObject.Parse(answer.Body);
        if (left is { Kind: "Status", ApiVersion: "v1" } && type.Kind != "Status")
        {
            if (!options.DryRun)
            {
                _ownWrites.TellGone(type, key, DeletionBody.ReadUid(answer.Body));
            }

            return null;
        }

        // Some kinds answer with the last state of an object that is gone: only one that something holds has a deletionTimestamp.
        if (left.DeletionTimestamp is null)
        {
            if (!options.DryRun)
            {
                _ownWrites.TellGone(type, key, left.Uid);
            }

            return null;
        }

        if (!options.DryRun)
        {
            _ownWrites.TellWritten(type, left);
        }

        return left;
    }

    /// <summary>Deletes all objects that <paramref name="selection"/> selects, in one request.</summary>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsForbidden"/>.</exception>
    public Task DeleteCollectionAsync(ResourceType type, ListOptions selection, DeleteOptions? options = null, CancellationToken cancellationToken = default)
    {
        var query = new QueryText().Add("labelSelector", selection.LabelSelector).Add("fieldSelector", selection.FieldSelector);
        var request = new ApiRequest(HttpMethod.Delete, RequestPath.Collection(type, selection.Namespace) + query, $"DELETE {Describe(type, new(selection.Namespace ?? "", "*"), null)}")
        {
            Body = DeletionBody.Write(options ?? new DeleteOptions()),
            ContentType = MediaTypes.Json,
        };
        return _sender.SendAsync(request, cancellationToken);
    }

    private static string Describe(ResourceType type, ObjectKey key, string? subresource)
    {
        var what = subresource is null ? type.GroupResource.ToString() : $"{type.GroupResource}/{subresource}";
        return key.Name.Length > 0 ? $"{what} {key}" : key.Namespace.Length > 0 ? $"{what} in {key.Namespace}" : what;
    }

    private static ApiRequest Request(HttpMethod method, ResourceType type, ObjectKey key, string? subresource, QueryText query)
    {
        if (key.Name.Length == 0)
        {
            throw new ArgumentException($"{method} {type.GroupResource}: the object has no name", nameof(key));
        }

        if (type.Namespaced && key.Namespace.Length == 0)
        {
            throw new ArgumentException($"{method} {type.GroupResource} {key}: the kind is namespaced and the object has no namespace", nameof(key));
        }

        return new(method, RequestPath.Object(type, key, subresource) + query, $"{method} {Describe(type, key, subresource)}");
    }

    private async Task<DynamicObject> WriteAsync(ResourceType type, ApiRequest request, bool dryRun, string? subresource, CancellationToken cancellationToken)
    {
        var answer = await _sender.SendAsync(request, cancellationToken);
        var stored = DynamicObject.Parse(answer.Body);

        // Subresources such as scale and eviction answer with objects of other kinds.
        if (!dryRun && (subresource is null || stored.Kind == type.Kind))
        {
            _ownWrites.TellWritten(type, stored);
        }

        return stored;
    }
}
