namespace Capstan.ApiServer.Registry;

/// <summary>Everything that this server serves at one moment. Immutable.</summary>
internal sealed class CatalogueModel
{
    private readonly Dictionary<(string Group, string Version, string Plural), ServedResource> _byPath;

    public CatalogueModel(IReadOnlyList<ServedResource> resources)
    {
        All = resources;
        _byPath = resources.ToDictionary(r => (r.Type.Group, r.Type.Version, r.Type.Plural));
    }

    /// <summary>All resources: built-in ones first, in the order of their table, then custom ones in the order in which they were established.</summary>
    public IReadOnlyList<ServedResource> All { get; }

    /// <summary>The resource served at this path; null when there is none. The group is empty for the core group.</summary>
    public ServedResource? Find(string group, string version, string plural) => _byPath.GetValueOrDefault((group, version, plural));
}

/// <summary>What this server serves: the built-in kinds, and custom resources from the moment they are established until their definition goes.</summary>
/// <remarks>Safe for any number of threads: readers take <see cref="Current"/>, one immutable model that is swapped as a whole.
/// A request should take it once, so that all of its steps see the same.</remarks>
internal sealed class Catalogue
{
    private readonly Lock _lock = new();
    private readonly IReadOnlyList<ServedResource> _builtIn;
    private readonly List<(GroupResource Definition, IReadOnlyList<ServedResource> Versions)> _custom = [];
    private volatile CatalogueModel _current;

    public Catalogue(IReadOnlyList<ServedResource> builtIn)
    {
        _builtIn = builtIn;
        _current = new(builtIn);
    }

    /// <summary>Told after each swap, outside the lock, on the thread that made the change; must return quickly and not throw.</summary>
    public event Action<CatalogueModel>? Changed;

    /// <summary>The model of this moment.</summary>
    public CatalogueModel Current => _current;

    /// <inheritdoc cref="CatalogueModel.All"/>
    public IReadOnlyList<ServedResource> All => _current.All;

    /// <inheritdoc cref="CatalogueModel.Find"/>
    public ServedResource? Find(string group, string version, string plural) => _current.Find(group, version, plural);

    /// <summary>Serves these versions of a custom resource, in place of those served before; none stops serving it.</summary>
    public void Serve(GroupResource definition, IReadOnlyList<ServedResource> versions)
    {
        lock (_lock)
        {
            var index = _custom.FindIndex(c => c.Definition == definition);
            if (index < 0 && versions.Count == 0)
            {
                return;
            }

            if (index < 0)
            {
                _custom.Add((definition, versions));
            }
            else if (versions.Count == 0)
            {
                _custom.RemoveAt(index);
            }
            else
            {
                _custom[index] = (definition, versions);
            }

            _current = new([.. _builtIn, .. _custom.SelectMany(c => c.Versions)]);
        }

        Changed?.Invoke(_current);
    }
}
