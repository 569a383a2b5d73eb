using System.Text.Json.Nodes;

namespace Capstan.Applying;

/// <summary>Makes objects as they are wanted, by server-side apply under one stable field manager; the one place that knows when that can be left out.</summary>
/// <remarks>
/// <para>Omission means removal: a field that an earlier apply of this manager named and this one does not is removed. A list without keys is replaced whole.</para>
/// <para>Left out is an apply of the body that was applied last to an object whose cache shows the very state that this left behind: the same uid, the same version.
/// What drifted, was deleted and made again, or was applied before this process began, is applied. An apply that changes nothing is no event to
/// watchers, but it is a request.</para>
/// <para>Thread-safe.</para>
/// </remarks>
public sealed class Applier
{
    private readonly KubeClient _client;
    private readonly ApplyOptions _options;
    private readonly Func<DynamicObject, string> _versionOf;
    private readonly AppliedBook _book = new();

    /// <summary>Makes an applier.</summary>
    /// <param name="client">Sends the requests.</param>
    /// <param name="fieldManager">Who wants the fields; the same over all releases of the program.</param>
    /// <param name="force">Take fields from other managers instead of failing with a conflict. Default true, as for any controller: the wanted state is its.</param>
    /// <param name="versionOf">
    /// What of an object tells that it drifted: with the fingerprint that the caller's cache keeps, a change outside of it needs no apply. Default: its
    /// resourceVersion, so that any change is followed by one.
    /// </param>
    public Applier(KubeClient client, string fieldManager, bool force = true, Func<DynamicObject, string>? versionOf = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(fieldManager);
        _client = client;
        _options = new() { FieldManager = fieldManager, Force = force };
        _versionOf = versionOf ?? (static value => value.ResourceVersion ?? "");
    }

    /// <summary>Applies one object of any kind.</summary>
    /// <param name="type">Its kind.</param>
    /// <param name="desired">The fields that are wanted, with name; <c>apiVersion</c> and <c>kind</c> are those of the type, and <c>managedFields</c> are left out.
    /// A resourceVersion in it is a precondition.</param>
    /// <param name="cancellationToken">Ends the request; whether the server took it is then unknown.</param>
    /// <returns>What the server stored.</returns>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsInvalid"/>.</exception>
    public Task<DynamicObject> ApplyAsync(ResourceType type, JsonObject desired, CancellationToken cancellationToken = default) =>
        SendAsync(type, ApplyBody.Of(type, desired), cancellationToken);

    /// <summary>Applies one object of any kind, unless that would change nothing.</summary>
    /// <param name="type">Its kind.</param>
    /// <param name="desired">As in <see cref="ApplyAsync(ResourceType, JsonObject, CancellationToken)"/>.</param>
    /// <param name="live">What a cache shows of the object; null if it shows none.</param>
    /// <param name="cancellationToken">Ends the request; whether the server took it is then unknown.</param>
    /// <returns>What the server stored; null if nothing was sent.</returns>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsInvalid"/>.</exception>
    public async Task<DynamicObject?> ApplyAsync(ResourceType type, JsonObject desired, LiveVersion? live, CancellationToken cancellationToken = default)
    {
        var body = ApplyBody.Of(type, desired);
        return live is { } state && _book.Has(type, body, state) ? null : await SendAsync(type, body, cancellationToken);
    }

    /// <summary>As with a <see cref="LiveVersion"/>, taken from the object itself.</summary>
    /// <returns>What the server stored; null if nothing was sent.</returns>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsInvalid"/>.</exception>
    public Task<DynamicObject?> ApplyAsync(ResourceType type, JsonObject desired, DynamicObject? live, CancellationToken cancellationToken = default) =>
        ApplyAsync(type, desired, live is null ? (LiveVersion?)null : VersionOf(live), cancellationToken);

    /// <summary>Applies one typed object. Null members are fields that are not wanted.</summary>
    /// <returns>What the server stored.</returns>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsInvalid"/>.</exception>
    public async Task<T> ApplyAsync<T>(T desired, CancellationToken cancellationToken = default)
        where T : KubeObject, IKubeObject<T> =>
        (await SendAsync(T.Resource, ApplyBody.Of(desired), cancellationToken)).To<T>();

    /// <summary>Applies one typed object, unless that would change nothing.</summary>
    /// <param name="desired">Null members are fields that are not wanted.</param>
    /// <param name="live">What a cache shows of the object; null if it shows none.</param>
    /// <param name="cancellationToken">Ends the request; whether the server took it is then unknown.</param>
    /// <returns>What the server stored; null if nothing was sent.</returns>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsInvalid"/>.</exception>
    public async Task<T?> ApplyAsync<T>(T desired, LiveVersion? live, CancellationToken cancellationToken = default)
        where T : KubeObject, IKubeObject<T>
    {
        var body = ApplyBody.Of(desired);
        return live is { } state && _book.Has(T.Resource, body, state) ? null : (await SendAsync(T.Resource, body, cancellationToken)).To<T>();
    }

    /// <summary>Which state an object is in, for this applier.</summary>
    public LiveVersion VersionOf(DynamicObject live) => new(live.Uid ?? "", _versionOf(live));

    /// <summary>Forgets what was applied to an object that is wanted no more.</summary>
    public void Forget(ResourceType type, ObjectKey key) => _book.Forget(type, key);

    /// <summary>Makes the fields that other managers set by updates and patches this manager's own, so that leaving one out of an apply removes it.
    /// For programs that wrote objects in another way before.</summary>
    /// <param name="type">Kind of the object.</param>
    /// <param name="key">The object.</param>
    /// <param name="formerManagers">Names under which the program wrote before, for example that of its executable.</param>
    /// <param name="cancellationToken">Ends it; whether the server took the change is then unknown.</param>
    /// <returns>Whether there was anything to take over.</returns>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsNotFound"/>.</exception>
    public Task<bool> TakeOverAsync(ResourceType type, ObjectKey key, IReadOnlyCollection<string> formerManagers, CancellationToken cancellationToken = default) =>
        _client.RetryOnConflictAsync(
            async token =>
            {
                var live = await _client.GetAsync(type, key, token);
                if (ManagerMigration.PatchOf(live, _options.FieldManager, formerManagers) is not { } patch)
                {
                    return false;
                }

                await _client.PatchAsync(type, key, PatchType.Json, patch, null, token);
                return true;
            },
            cancellationToken);

    private async Task<DynamicObject> SendAsync(ResourceType type, ApplyBody body, CancellationToken cancellationToken)
    {
        DynamicObject stored;
        try
        {
            stored = await _client.ApplyAsync(type, body.Key, body.Json, _options, cancellationToken);
        }
        catch
        {
            // It may have been taken all the same.
            _book.Forget(type, body.Key);
            throw;
        }

        _book.Note(type, body, VersionOf(stored));
        return stored;
    }
}
