using System.Text.Json.Nodes;

namespace Capstan.Applying;

/// <summary>Says which objects own others, so that these go when their owners do, and changes of these reach their owners' reconcilers.</summary>
/// <remarks>
/// <para>An owner is in the dependent's namespace or in none; the garbage collector deletes a dependent whose owner it does not find there. This is checked here,
/// before anything is written.</para>
/// <para>An owner that is blocked from deletion by dependents needs the right to update <c>finalizers</c> of its kind, where the server asks for it.</para>
/// </remarks>
public static class Owners
{
    /// <summary>Makes <paramref name="owner"/> the one controller of a dependent.</summary>
    /// <param name="owner">As the server has it: with uid.</param>
    /// <param name="dependent">Gets the reference; one to a former owner of the same kind and name is replaced.</param>
    /// <param name="blockOwnerDeletion">Whether deletion of the owner in the foreground waits for the dependent.</param>
    /// <exception cref="OwnershipException">The owner cannot own it, or another object controls it.</exception>
    public static void SetController<TOwner, TDependent>(TOwner owner, TDependent dependent, bool blockOwnerDeletion = true)
        where TOwner : KubeObject, IKubeObject<TOwner>
        where TDependent : KubeObject, IKubeObject<TDependent> =>
        dependent.Metadata.OwnerReferences = With(
            dependent.Metadata.OwnerReferences, Reference(TOwner.Resource, owner.Key, owner.Metadata.Uid, true, blockOwnerDeletion, TDependent.Resource, dependent.Key), dependent.Key);

    /// <summary>Makes <paramref name="owner"/> the one controller of a manifest.</summary>
    /// <param name="owner">As the server has it: with uid.</param>
    /// <param name="type">Kind of the dependent.</param>
    /// <param name="dependent">Gets the reference in its metadata.</param>
    /// <param name="blockOwnerDeletion">Whether deletion of the owner in the foreground waits for the dependent.</param>
    /// <exception cref="OwnershipException">The owner cannot own it, or another object controls it.</exception>
    public static void SetController<TOwner>(TOwner owner, ResourceType type, JsonObject dependent, bool blockOwnerDeletion = true)
        where TOwner : KubeObject, IKubeObject<TOwner>
    {
        var body = DynamicObject.From(dependent);
        var references = With(body.OwnerReferences, Reference(TOwner.Resource, owner.Key, owner.Metadata.Uid, true, blockOwnerDeletion, type, body.Key), body.Key);
        if (dependent["metadata"] is not JsonObject metadata)
        {
            dependent["metadata"] = metadata = [];
        }

        metadata["ownerReferences"] = new JsonArray([.. references.Select(ToJson)]);
    }

    /// <summary>Makes <paramref name="owner"/> one of the owners of a dependent, which goes when all of them are gone.</summary>
    /// <param name="owner">As the server has it: with uid.</param>
    /// <param name="dependent">Gets the reference; one to a former owner of the same kind and name is replaced.</param>
    /// <param name="blockOwnerDeletion">Whether deletion of the owner in the foreground waits for the dependent.</param>
    /// <exception cref="OwnershipException">The owner cannot own it.</exception>
    public static void Add<TOwner, TDependent>(TOwner owner, TDependent dependent, bool blockOwnerDeletion = false)
        where TOwner : KubeObject, IKubeObject<TOwner>
        where TDependent : KubeObject, IKubeObject<TDependent> =>
        dependent.Metadata.OwnerReferences = With(
            dependent.Metadata.OwnerReferences, Reference(TOwner.Resource, owner.Key, owner.Metadata.Uid, null, blockOwnerDeletion, TDependent.Resource, dependent.Key), dependent.Key);

    /// <summary>Takes an owner out.</summary>
    /// <returns>Whether it was one.</returns>
    public static bool Remove<TOwner>(TOwner owner, KubeObject dependent)
        where TOwner : KubeObject, IKubeObject<TOwner> =>
        dependent.Metadata.OwnerReferences?.RemoveAll(one => IsOf(one, TOwner.Resource.Group, TOwner.Resource.Kind, owner.Metadata.Name ?? "")) > 0;

    /// <summary>The owner that controls an object; null if none does.</summary>
    public static OwnerReference? ControllerOf(KubeObject dependent) => dependent.Metadata.OwnerReferences?.Find(one => one.Controller == true);

    private static OwnerReference Reference(
        ResourceType type, ObjectKey owner, string? uid, bool? controller, bool block, ResourceType dependentType, ObjectKey dependent)
    {
        if (string.IsNullOrEmpty(uid))
        {
            throw new OwnershipException($"{type.Kind} {owner} cannot own {dependentType.Kind} {dependent}: it has no uid, so it is not as the server has it");
        }

        if (type.Namespaced && !dependentType.Namespaced)
        {
            throw new OwnershipException($"{type.Kind} {owner} cannot own {dependentType.Kind} {dependent}: what is in no namespace has no owner in one");
        }

        if (type.Namespaced && owner.Namespace != dependent.Namespace)
        {
            throw new OwnershipException($"{type.Kind} {owner} cannot own {dependentType.Kind} {dependent}: they are in different namespaces");
        }

        return new() { ApiVersion = type.ApiVersion, Kind = type.Kind, Name = owner.Name, Uid = uid, Controller = controller, BlockOwnerDeletion = block ? true : null };
    }

    private static List<OwnerReference> With(IReadOnlyList<OwnerReference>? before, OwnerReference added, ObjectKey dependent)
    {
        var group = GroupVersionKind.Parse(added.ApiVersion, added.Kind).Group;
        var references = new List<OwnerReference>(before ?? []);
        if (added.Controller == true && references.Find(one => one.Controller == true && !IsOf(one, group, added.Kind, added.Name)) is { } other)
        {
            throw new OwnershipException($"{added.Kind} {added.Name} cannot control {dependent}: {other.Kind} {other.Name} does");
        }

        // The version of its API may be another by now, and the owner of that name another one.
        var index = references.FindIndex(one => IsOf(one, group, added.Kind, added.Name));
        if (index >= 0)
        {
            references[index] = added;
        }
        else
        {
            references.Add(added);
        }

        return references;
    }

    private static bool IsOf(OwnerReference reference, string group, string kind, string name) =>
        reference.Kind == kind && reference.Name == name && GroupVersionKind.Parse(reference.ApiVersion, reference.Kind).Group == group;

    private static JsonObject ToJson(OwnerReference reference)
    {
        var json = new JsonObject { ["apiVersion"] = reference.ApiVersion, ["kind"] = reference.Kind, ["name"] = reference.Name, ["uid"] = reference.Uid };
        if (reference.Controller is { } controller)
        {
            json["controller"] = controller;
        }

        if (reference.BlockOwnerDeletion is { } block)
        {
            json["blockOwnerDeletion"] = block;
        }

        return json;
    }
}

/// <summary>One object cannot own another, and why.</summary>
public sealed class OwnershipException : Exception
{
    /// <summary>Says which and why.</summary>
    public OwnershipException(string message)
        : base(message)
    {
    }
}
