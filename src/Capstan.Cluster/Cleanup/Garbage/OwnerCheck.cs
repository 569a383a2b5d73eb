namespace Capstan.Cluster.Cleanup.Garbage;

/// <summary>What the owners of an object come to, as the server says.</summary>
internal sealed record OwnersFound
{
    /// <summary>Those that live, or are on their way out without minding their dependants.</summary>
    public List<OwnerReference> Solid { get; } = [];

    /// <summary>Those that are not there.</summary>
    public List<OwnerReference> Dangling { get; } = [];

    /// <summary>Those that wait for their dependants to go first.</summary>
    public List<OwnerReference> Waiting { get; } = [];

    /// <summary>Named by an object that is in no namespace, but in one themselves: nobody can say which one is meant, so the object stays.</summary>
    public List<OwnerReference> Impossible { get; } = [];
}

/// <summary>Asks the server for the owners of an object, one by one.</summary>
internal sealed class OwnerCheck(KubeClient client, AbsentOwners absent)
{
    /// <exception cref="KindNotServedException">An owner is of a kind that is not served, or not yet: it may be there for all we know.</exception>
    public async Task<OwnersFound> AskAsync(string @namespace, IReadOnlyList<OwnerReference> owners, CancellationToken cancellationToken)
    {
        var found = new OwnersFound();
        foreach (var owner in owners)
        {
            (await PlaceAsync(found, @namespace, owner, cancellationToken)).Add(owner);
        }

        return found;
    }

    private async Task<List<OwnerReference>> PlaceAsync(OwnersFound found, string @namespace, OwnerReference owner, CancellationToken cancellationToken)
    {
        if (absent.Has(owner, @namespace))
        {
            return found.Dangling;
        }

        var type = await client.Discovery.GetAsync(GroupVersionKind.Parse(owner.ApiVersion, owner.Kind), cancellationToken);
        if (type.Namespaced && @namespace.Length == 0)
        {
            return found.Impossible;
        }

        var key = type.Namespaced ? new ObjectKey(@namespace, owner.Name) : ObjectKey.ClusterScoped(owner.Name);
        try
        {
            var live = await client.GetMetadataAsync(type, key, cancellationToken);
            if (live.Uid == owner.Uid)
            {
                return OwnedObject.DeletionOf(live) == Deletion.AfterDependants ? found.Waiting : found.Solid;
            }
        }
        catch (ApiException error) when (error.IsNotFound)
        {
            // Not there.
        }

        absent.Add(type, key, owner.Uid);
        return found.Dangling;
    }
}
