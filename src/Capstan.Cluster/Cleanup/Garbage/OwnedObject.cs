namespace Capstan.Cluster.Cleanup.Garbage;

/// <summary>How far the deletion of an object is, as far as its dependants are concerned.</summary>
internal enum Deletion
{
    /// <summary>Nobody asked for it.</summary>
    None,

    /// <summary>Under way; what becomes of the dependants is decided when it is gone.</summary>
    UnderWay,

    /// <summary>It waits until the dependants that block it are gone.</summary>
    AfterDependants,

    /// <summary>It waits until its dependants no longer name it.</summary>
    AfterOrphaning,
}

/// <summary>What the collector remembers of an object: where it is, who owns it, whether it goes.</summary>
internal sealed record OwnedObject(ResourceType Type, ObjectKey Key, string Uid, IReadOnlyList<OwnerReference> Owners, Deletion Deletion)
{
    public const string ForegroundFinalizer = "foregroundDeletion";
    public const string OrphanFinalizer = "orphan";

    /// <summary>Reads the metadata of an object of <paramref name="type"/>.</summary>
    public static OwnedObject From(ResourceType type, DynamicObject metadata) =>
        new(type, metadata.Key, metadata.Uid ?? "", metadata.OwnerReferences, DeletionOf(metadata));

    public static Deletion DeletionOf(DynamicObject metadata)
    {
        if (metadata.DeletionTimestamp is null)
        {
            return Deletion.None;
        }

        var finalizers = metadata.Finalizers;
        return finalizers.Contains(OrphanFinalizer) ? Deletion.AfterOrphaning
            : finalizers.Contains(ForegroundFinalizer) ? Deletion.AfterDependants
            : Deletion.UnderWay;
    }

    /// <summary>Whether a foreground deletion of the owner waits for this object.</summary>
    public bool Blocks(string owner) => Owners.Any(reference => reference.Uid == owner && reference.BlockOwnerDeletion == true);

    /// <summary>Whether <paramref name="reference"/>, written in an object of <paramref name="namespace"/>, says where this object really is.</summary>
    public bool IsWhere(OwnerReference reference, string @namespace)
    {
        var kind = GroupVersionKind.Parse(reference.ApiVersion, reference.Kind);
        return kind.Group == Type.Group && kind.Kind == Type.Kind && reference.Name == Key.Name && (!Type.Namespaced || Key.Namespace == @namespace);
    }
}
