using System.Text.Json.Nodes;

namespace Capstan.Applying;

/// <summary>Makes objects as they are wanted, by server-side apply under one stable field manager.</summary>
/// <remarks>
/// <para>Omission means removal: a field that an earlier apply of this manager named and this one does not is removed.</para>
/// <para>Thread-safe. Whether an apply would change anything is the caller's to know: each call is one request.</para>
/// </remarks>
public sealed class Applier
{
    private readonly KubeClient _client;
    private readonly ApplyOptions _options;

    /// <summary>Makes an applier.</summary>
    /// <param name="client">Sends the requests.</param>
    /// <param name="fieldManager">Who wants the fields; the same over all releases of the program.</param>
    /// <param name="force">Take fields from other managers instead of failing with a conflict. Default true, as for any controller: the wanted state is its.</param>
    public Applier(KubeClient client, string fieldManager, bool force = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(fieldManager);
        _client = client;
        _options = new() { FieldManager = fieldManager, Force = force };
    }

    /// <summary>Applies one object of any kind.</summary>
    /// <param name="type">Its kind.</param>
    /// <param name="desired">The fields that are wanted, with name; <c>apiVersion</c> and <c>kind</c> are those of the type, and <c>managedFields</c> are left out.
    /// A resourceVersion in it is a precondition.</param>
    /// <param name="cancellationToken">Ends the request; whether the server took it is then unknown.</param>
    /// <returns>What the server stored.</returns>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsInvalid"/>.</exception>
    public Task<DynamicObject> ApplyAsync(ResourceType type, JsonObject desired, CancellationToken cancellationToken = default)
    {
        var body = desired.DeepClone().AsObject();
        body["apiVersion"] = type.ApiVersion;
        body["kind"] = type.Kind;
        (body["metadata"] as JsonObject)?.Remove("managedFields");
        var value = DynamicObject.From(body);
        return _client.ApplyAsync(type, value.Key, value.Json, _options, cancellationToken);
    }

    /// <summary>Applies one typed object. Null members are fields that are not wanted.</summary>
    /// <returns>What the server stored.</returns>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsInvalid"/>.</exception>
    public async Task<T> ApplyAsync<T>(T desired, CancellationToken cancellationToken = default)
        where T : KubeObject, IKubeObject<T> =>
        (await ApplyAsync(T.Resource, DynamicObject.From(desired).ToJson(), cancellationToken)).To<T>();
}
