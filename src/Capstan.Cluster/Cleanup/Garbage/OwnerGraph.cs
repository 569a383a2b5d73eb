namespace Capstan.Cluster.Cleanup.Garbage;

/// <summary>All objects of the cluster by uid, and who depends on whom. Tells which objects are worth a look; what is so is asked of the server.</summary>
/// <remarks>Thread-safe. It lags behind the server, so nothing may be deleted on its word.</remarks>
/// <param name="wake">Called with the uid of each object to look at; must be quick, and must not call back.</param>
/// <param name="absent">Told of each object that the server said is gone.</param>
internal sealed class OwnerGraph(Action<string> wake, AbsentOwners absent)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, OwnedObject> _objects = new(StringComparer.Ordinal);

    // By the uid that they name as owner, whether or not there is such an object.
    private readonly Dictionary<string, HashSet<string>> _dependants = new(StringComparer.Ordinal);

    public OwnedObject? Find(string uid)
    {
        lock (_gate)
        {
            return _objects.GetValueOrDefault(uid);
        }
    }

    public IReadOnlyList<OwnedObject> DependantsOf(string uid)
    {
        lock (_gate)
        {
            return [.. Dependants_NeedsGate(uid).Select(dependant => _objects[dependant])];
        }
    }

    /// <summary>Whether anything about the object may have to be done. All that the graph knows to be well costs the server no request.</summary>
    public bool NeedsLook(OwnedObject found)
    {
        lock (_gate)
        {
            return found.Deletion switch
            {
                Deletion.UnderWay => false,
                Deletion.None => found.Owners.Any(owner => IsDoubtful_NeedsGate(owner, found.Key.Namespace)),
                _ => true,
            };
        }
    }

    /// <summary>Takes an object as it is now.</summary>
    public void Put(OwnedObject now)
    {
        lock (_gate)
        {
            Put_NeedsGate(now);
        }
    }

    /// <summary>Takes an object out: the server said that it is gone.</summary>
    public void Remove(string uid)
    {
        lock (_gate)
        {
            RemoveForGood_NeedsGate(uid);
        }
    }

    /// <summary>Takes all objects of a resource out: it is no longer served.</summary>
    public void Remove(GroupResource resource)
    {
        lock (_gate)
        {
            foreach (var known in _objects.Values.Where(known => known.Type.GroupResource == resource).ToList())
            {
                RemoveForGood_NeedsGate(known.Uid);
            }
        }
    }

    /// <summary>Takes all objects of a resource as they are now. Those that are not among them are taken out, and whoever depends on them asks the server.</summary>
    public void Replace(GroupResource resource, IReadOnlyList<OwnedObject> all)
    {
        lock (_gate)
        {
            var listed = all.Select(found => found.Uid).ToHashSet(StringComparer.Ordinal);
            foreach (var gone in _objects.Values.Where(known => known.Type.GroupResource == resource && !listed.Contains(known.Uid)).Select(known => known.Uid).ToList())
            {
                Remove_NeedsGate(gone);
            }

            foreach (var found in all)
            {
                Put_NeedsGate(found);
            }
        }
    }

    private void Put_NeedsGate(OwnedObject now)
    {
        var before = _objects.GetValueOrDefault(now.Uid);
        _objects[now.Uid] = now;
        if (before is null)
        {
            // Who named it before it was seen may have named it wrongly.
            WakeAll_NeedsGate(_dependants.GetValueOrDefault(now.Uid));
        }

        if (before is null || !before.Owners.SequenceEqual(now.Owners))
        {
            Rewire_NeedsGate(before, now);
            wake(now.Uid);
        }

        if (now.Deletion is Deletion.AfterDependants or Deletion.AfterOrphaning && before?.Deletion != now.Deletion)
        {
            wake(now.Uid);
            if (now.Deletion == Deletion.AfterDependants)
            {
                WakeAll_NeedsGate(_dependants.GetValueOrDefault(now.Uid));
            }
        }
    }

    private void Rewire_NeedsGate(OwnedObject? before, OwnedObject now)
    {
        foreach (var former in before?.Owners ?? [])
        {
            Unlink_NeedsGate(now.Uid, former.Uid);
        }

        foreach (var owner in now.Owners)
        {
            if (!_dependants.TryGetValue(owner.Uid, out var dependants))
            {
                _dependants[owner.Uid] = dependants = new(StringComparer.Ordinal);
            }

            dependants.Add(now.Uid);
        }

        // An owner may have waited for one that no longer blocks it.
        foreach (var former in before?.Owners ?? [])
        {
            WakeWaiting_NeedsGate(former.Uid);
        }
    }

    private void RemoveForGood_NeedsGate(string uid)
    {
        if (_objects.TryGetValue(uid, out var gone))
        {
            absent.Add(gone);
            Remove_NeedsGate(uid);
        }
    }

    private void Remove_NeedsGate(string uid)
    {
        if (!_objects.Remove(uid, out var gone))
        {
            return;
        }

        foreach (var owner in gone.Owners)
        {
            Unlink_NeedsGate(uid, owner.Uid);
            WakeWaiting_NeedsGate(owner.Uid);
        }

        WakeAll_NeedsGate(_dependants.GetValueOrDefault(uid));
    }

    private void Unlink_NeedsGate(string dependant, string owner)
    {
        if (_dependants.TryGetValue(owner, out var dependants) && dependants.Remove(dependant) && dependants.Count == 0)
        {
            _dependants.Remove(owner);
        }
    }

    private void WakeWaiting_NeedsGate(string owner)
    {
        if (_objects.GetValueOrDefault(owner) is { Deletion: Deletion.AfterDependants })
        {
            wake(owner);
        }
    }

    private void WakeAll_NeedsGate(IEnumerable<string>? uids)
    {
        foreach (var uid in uids ?? [])
        {
            wake(uid);
        }
    }

    private bool IsDoubtful_NeedsGate(OwnerReference reference, string @namespace) =>
        !_objects.TryGetValue(reference.Uid, out var owner) || !owner.IsWhere(reference, @namespace) || owner.Deletion == Deletion.AfterDependants;

    private IEnumerable<string> Dependants_NeedsGate(string uid) => _dependants.GetValueOrDefault(uid) ?? [];
}
