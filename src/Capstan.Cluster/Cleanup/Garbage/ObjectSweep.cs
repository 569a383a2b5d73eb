namespace Capstan.Cluster.Cleanup.Garbage;

/// <summary>Looks at one object and does what its owners, or its own deletion, ask for.</summary>
/// <remarks>
/// <para>Nothing is deleted or changed but by what the server said a moment before, and only that version of that object: whatever the
/// graph missed or has too late costs a look, not an object.</para>
/// <para>A deletion that waits for dependants, or for orphaning them, ends when the graph knows of none; so that is left alone while
/// the graph is known to be incomplete.</para>
/// </remarks>
/// <param name="client">Asks and writes.</param>
/// <param name="graph">Who depends on whom.</param>
/// <param name="absent">Shared with the graph.</param>
/// <param name="isComplete">Whether the graph has been told of every object of every kind.</param>
/// <param name="wake">Has another object looked at.</param>
internal sealed class ObjectSweep(KubeClient client, OwnerGraph graph, AbsentOwners absent, Func<bool> isComplete, Action<string> wake)
{
    private readonly OwnerCheck _owners = new(client, absent);

    /// <returns>Whether that was all; else the object is to be looked at again after a while.</returns>
    public async Task<bool> RunAsync(string uid, CancellationToken cancellationToken)
    {
        if (graph.Find(uid) is not { } known || !graph.NeedsLook(known))
        {
            return true;
        }

        try
        {
            var live = await client.GetMetadataAsync(known.Type, known.Key, cancellationToken);
            if (live.Uid == uid)
            {
                return OwnedObject.DeletionOf(live) switch
                {
                    Deletion.UnderWay => true,
                    Deletion.AfterOrphaning => await OrphanAsync(known, live, cancellationToken),
                    Deletion.AfterDependants => await EndForegroundAsync(known, live, cancellationToken),
                    _ => await JudgeAsync(known, live, cancellationToken),
                };
            }
        }
        catch (ApiException error) when (error.IsNotFound)
        {
            // Gone, before or while it was looked at.
        }

        graph.Remove(uid);
        return true;
    }

    private async Task<bool> OrphanAsync(OwnedObject owner, DynamicObject live, CancellationToken cancellationToken)
    {
        if (!isComplete())
        {
            return false;
        }

        foreach (var dependant in graph.DependantsOf(owner.Uid))
        {
            try
            {
                var found = await client.GetMetadataAsync(dependant.Type, dependant.Key, cancellationToken);
                if (found.Uid == dependant.Uid && found.OwnerReferences.Any(reference => reference.Uid == owner.Uid))
                {
                    await OwnerPatches.DropOwnersAsync(client, dependant.Type, found, [owner.Uid], cancellationToken);
                }
            }
            catch (ApiException error) when (error.IsNotFound)
            {
                // Nothing to free.
            }
        }

        await OwnerPatches.DropFinalizerAsync(client, owner.Type, live, OwnedObject.OrphanFinalizer, cancellationToken);
        return true;
    }

    private async Task<bool> EndForegroundAsync(OwnedObject owner, DynamicObject live, CancellationToken cancellationToken)
    {
        var blocking = graph.DependantsOf(owner.Uid).Where(dependant => dependant.Blocks(owner.Uid)).ToList();
        if (blocking.Count == 0)
        {
            if (!isComplete())
            {
                return false;
            }

            await OwnerPatches.DropFinalizerAsync(client, owner.Type, live, OwnedObject.ForegroundFinalizer, cancellationToken);
            return true;
        }

        foreach (var dependant in blocking.Where(dependant => dependant.Deletion == Deletion.None))
        {
            wake(dependant.Uid);
        }

        // The last of them to go wakes it.
        return true;
    }

    private async Task<bool> JudgeAsync(OwnedObject known, DynamicObject live, CancellationToken cancellationToken)
    {
        var references = live.OwnerReferences;
        if (references.Count == 0)
        {
            return true;
        }

        var found = await _owners.AskAsync(known.Key.Namespace, references, cancellationToken);
        await TellMisplacedAsync(known, found, cancellationToken);
        if (found.Impossible.Count > 0)
        {
            return true;
        }

        if (found.Solid.Count > 0)
        {
            if (found.Dangling.Count + found.Waiting.Count > 0)
            {
                // Those that wait are let go too: they would wait for ever for an object that stays.
                await OwnerPatches.DropOwnersAsync(client, known.Type, live, [.. found.Dangling.Concat(found.Waiting).Select(owner => owner.Uid)], cancellationToken);
            }

            // An owner that the graph has not seen may go before it does, and nobody would tell us.
            return found.Solid.TrueForAll(owner => graph.Find(owner.Uid) is not null);
        }

        var dependants = found.Waiting.Count > 0 ? graph.DependantsOf(known.Uid) : [];
        if (dependants.Count == 0)
        {
            // What was put on the object before, by hand, is honoured.
            var finalizers = live.Finalizers;
            var policy = finalizers.Contains(OwnedObject.OrphanFinalizer) ? "Orphan" : finalizers.Contains(OwnedObject.ForegroundFinalizer) ? "Foreground" : "Background";
            await DeleteAsync(known, live, policy, cancellationToken);
            return true;
        }

        if (dependants.Any(dependant => dependant.Deletion == Deletion.AfterDependants))
        {
            // It may be a circle: each would wait for the other.
            live = await OwnerPatches.UnblockOwnersAsync(client, known.Type, live, cancellationToken);
        }

        // Its owner waits for it and all that it owns, whatever was put on it.
        await DeleteAsync(known, live, "Foreground", cancellationToken);
        return true;
    }

    private Task DeleteAsync(OwnedObject known, DynamicObject live, string policy, CancellationToken cancellationToken)
    {
        var options = new DeleteOptions { Uid = live.Uid, ResourceVersion = live.ResourceVersion, PropagationPolicy = policy };
        return client.DeleteAsync(known.Type, known.Key, options, cancellationToken);
    }

    private async Task TellMisplacedAsync(OwnedObject known, OwnersFound found, CancellationToken cancellationToken)
    {
        foreach (var owner in found.Dangling.Concat(found.Impossible))
        {
            if (graph.Find(owner.Uid) is { Type.Namespaced: true } elsewhere && elsewhere.Key.Namespace != known.Key.Namespace)
            {
                await InvalidOwnerEvent.WriteAsync(client, known, owner, cancellationToken);
            }
        }
    }
}
