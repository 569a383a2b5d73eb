using Capstan.Caching;

namespace Capstan.Cluster.Kinds;

/// <summary>The informers of the cluster's controllers: one watch of a kind, however many of them read it.</summary>
/// <remarks>Of the time before the operator is built; not thread-safe. Names of indexes are of the kind, not of a controller: see <see cref="Index"/>.</remarks>
internal sealed class SharedInformers(OperatorBuilder builder)
{
    private readonly Dictionary<ResourceType, Informer> _informers = [];
    private readonly HashSet<(ResourceType Type, string Index)> _indexes = [];

    /// <summary>All objects of a kind, in all namespaces.</summary>
    public Informer Of<T>()
        where T : KubeObject, IKubeObject<T> =>
        Of(T.Resource);

    /// <summary>All objects of a kind, in all namespaces.</summary>
    public Informer Of(ResourceType type)
    {
        if (!_informers.TryGetValue(type, out var informer))
        {
            _informers[type] = informer = builder.AddInformer(type);
        }

        return informer;
    }

    /// <summary>Adds an index, unless another controller has added it before: an index of one name always has the same values.</summary>
    public Informer Index(ResourceType type, string name, Func<DynamicObject, IEnumerable<string>> values)
    {
        var informer = Of(type);
        if (_indexes.Add((type, name)))
        {
            informer.AddIndex(name, values);
        }

        return informer;
    }
}
