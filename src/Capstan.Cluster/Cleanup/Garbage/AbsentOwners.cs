namespace Capstan.Cluster.Cleanup.Garbage;

/// <summary>Owners that are known not to be there. What is gone never comes back under its uid, so this needs no second look; it spares a request per dependant.</summary>
/// <remarks>Thread-safe. Remembers the last ones only.</remarks>
internal sealed class AbsentOwners
{
    private const int Capacity = 4096;

    private readonly Lock _gate = new();
    private readonly HashSet<Place> _places = [];
    private readonly Queue<Place> _oldest = [];

    public void Add(OwnedObject gone) => Add(new Place(gone.Type.Group, gone.Type.Kind, gone.Key, gone.Uid));

    public void Add(ResourceType type, ObjectKey key, string uid) => Add(new Place(type.Group, type.Kind, key, uid));

    /// <summary>Whether the owner that an object of <paramref name="namespace"/> names is gone: from that namespace, or from the cluster if it was in none.</summary>
    public bool Has(OwnerReference reference, string @namespace)
    {
        var kind = GroupVersionKind.Parse(reference.ApiVersion, reference.Kind);
        var place = new Place(kind.Group, kind.Kind, ObjectKey.ClusterScoped(reference.Name), reference.Uid);
        lock (_gate)
        {
            return _places.Contains(place) || _places.Contains(place with { Key = new(@namespace, reference.Name) });
        }
    }

    private void Add(Place place)
    {
        lock (_gate)
        {
            if (!_places.Add(place))
            {
                return;
            }

            _oldest.Enqueue(place);
            if (_oldest.Count > Capacity)
            {
                _places.Remove(_oldest.Dequeue());
            }
        }
    }

    private readonly record struct Place(string Group, string Kind, ObjectKey Key, string Uid);
}
