using System.Text.Json.Nodes;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Registry;

/// <summary>What is stored, for rules that depend on other objects. Thread-safe; each answer is of its own moment, and the caller's to change.</summary>
internal sealed class ClusterState(Store store)
{
    /// <summary>An object as it is stored; null when there is none.</summary>
    /// <param name="resource">Its resource.</param>
    /// <param name="ns">Its namespace; empty when it has none.</param>
    /// <param name="name">Its name.</param>
    public JsonObject? Find(GroupResource resource, string ns, string name) =>
        store.Find(resource, new ObjectKey(ns, name)) is { } stored ? ObjectJson.Parse(stored.Json) : null;

    /// <summary>All objects of a resource in a namespace, in the order of their names.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="ns">The namespace; empty for what has none.</param>
    public IEnumerable<JsonObject> List(GroupResource resource, string ns) =>
        store.Read(resource).Objects.From(new ObjectKey(ns, "")).TakeWhile(stored => stored.Key.Namespace == ns).Select(stored => ObjectJson.Parse(stored.Json));

    /// <summary>Whether there is such an object, without reading it.</summary>
    public bool Has(GroupResource resource, string ns, string name) => store.Find(resource, new ObjectKey(ns, name)) is not null;
}
