using Capstan;
using Capstan.Applying;
using Databases.Desired;

namespace Databases.Reconciling;

/// <summary>Makes, mends and deletes the objects of a Database, a Backup or a Restore, and touches none that belongs to somebody else.</summary>
[Rbac("", "secrets, configmaps, services", "get", "create", "patch", "delete")]
[Rbac("apps", "statefulsets", "get", "create", "patch", "delete")]
[Rbac("policy", "poddisruptionbudgets", "get", "create", "patch", "delete")]
internal sealed class Children(KubeClient client, OwnedObjects owned, Applier applier)
{
    /// <summary>Brings one object to what is wanted; no request is made when it is.</summary>
    /// <returns>The object as the server has it.</returns>
    /// <exception cref="StepFailedException">The server refuses it, or its name is taken.</exception>
    public async Task<DynamicObject> EnsureAsync<TOwner>(TOwner owner, Child child, CancellationToken cancellationToken)
        where TOwner : KubeObject, IKubeObject<TOwner> =>
        await EnsureAsync(child, await FindAsync(owner, child.Type, child.Name, cancellationToken), cancellationToken);

    /// <summary>As the other, where the object was looked for already.</summary>
    /// <param name="child">As it is wanted.</param>
    /// <param name="live">What <see cref="FindAsync"/> gave.</param>
    /// <param name="cancellationToken">Of the run.</param>
    /// <exception cref="StepFailedException">The server refuses it.</exception>
    public Task<DynamicObject> EnsureAsync(Child child, DynamicObject? live, CancellationToken cancellationToken) =>
        live is not null && Agreement.Holds(live, child.Manifest) ? Task.FromResult(live) : ToldAsync(child.Type, () => applier.ApplyAsync(child.Type, child.Manifest, cancellationToken));

    /// <summary>The object of that name, if it is there.</summary>
    /// <remarks>The cache holds what has the operator's label. What it does not show may be there all the same, without it: the server is asked before anything is made.</remarks>
    /// <exception cref="StepFailedException">It is somebody else's, or may not be read.</exception>
    public async Task<DynamicObject?> FindAsync<TOwner>(TOwner owner, ResourceType type, string name, CancellationToken cancellationToken)
        where TOwner : KubeObject, IKubeObject<TOwner>
    {
        var live = owned.Find(type, owner.Key.Namespace, name) ?? await ToldAsync(type, () => client.FindAsync(type, new(owner.Key.Namespace, name), cancellationToken));
        return live is null || IsOwn(owner, live)
            ? live
            : throw new StepFailedException($"{type.Kind}CreationFailed", $"{type.Kind} {name} exists and is not of this {TOwner.Resource.Kind} ({ControllerOf(live)}): it is left alone; delete or rename it");
    }

    /// <summary>Deletes the owner's own object of that name.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="type">Its kind.</param>
    /// <param name="name">Its name.</param>
    /// <param name="propagation">What becomes of the object's own dependents.</param>
    /// <param name="cancellationToken">Of the run.</param>
    /// <returns>Whether it is still there, and going.</returns>
    public async Task<bool> DeleteAsync(KubeObject owner, ResourceType type, string name, string propagation, CancellationToken cancellationToken)
    {
        if (owned.Find(type, owner.Key.Namespace, name) is not { } live || !IsOwn(owner, live))
        {
            return false;
        }

        if (live.DeletionTimestamp is not null)
        {
            return true;
        }

        try
        {
            await client.DeleteAsync(type, live.Key, new() { Uid = live.Uid, PropagationPolicy = propagation }, cancellationToken);
        }
        catch (ApiException error) when (error.IsNotFound || error.IsConflict)
        {
            // Gone, or another one by now: not ours to delete.
        }

        applier.Forget(type, live.Key);
        return owned.Find(type, owner.Key.Namespace, name) is { } left && left.Uid == live.Uid;
    }

    /// <summary>What another try could not mend is told in the status.</summary>
    private static async Task<T> ToldAsync<T>(ResourceType type, Func<Task<T>> request)
    {
        try
        {
            return await request();
        }
        catch (ApiException refusal) when (refusal is { IsTransient: false, IsConflict: false })
        {
            throw new StepFailedException($"{type.Kind}CreationFailed", refusal.Status.Message ?? refusal.Message, refusal);
        }
    }

    private static bool IsOwn(KubeObject owner, DynamicObject live) => live.OwnerReferences.Any(reference => reference.Controller == true && reference.Uid == owner.Metadata.Uid);

    private static string ControllerOf(DynamicObject live) =>
        live.OwnerReferences.FirstOrDefault(reference => reference.Controller == true) is { } other ? $"{other.Kind} {other.Name} controls it" : "nothing controls it";
}
