using Capstan.Caching;
using Databases.Resources;

namespace Databases;

/// <summary>Finds Databases in the cache by what they say, without a request and without looking at each.</summary>
/// <remarks>The same fields select at the API server too (<c>kubectl get databases --field-selector spec.environment=production</c>): the definition lists them.</remarks>
internal sealed class DatabaseQueries
{
    public const string Environment = "spec.environment";
    public const string Image = "spec.image";
    private const string Phase = "status.phase";

    private readonly ObjectCache<Database> _cache;

    /// <summary>Adds the indexes to the informer; so this comes before it starts.</summary>
    public DatabaseQueries(Informer databases)
    {
        databases.AddIndex<Database>(Environment, static database => Unless(database.Spec.Environment));
        databases.AddIndex<Database>(Image, static database => Unless(database.Spec.Image));
        databases.AddIndex<Database>(Phase, static database => Unless(database.Status?.Phase));
        _cache = databases.CacheOf<Database>();
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<Database> All() => _cache.List();

    /// <summary>Number of those in a phase.</summary>
    public int CountOf(string phase) => _cache.ByIndex(Phase, phase).Count;

    /// <summary>Those that have these values.</summary>
    /// <param name="fields"><see cref="Environment"/> or <see cref="Image"/>, and the value: found by the index of the first, the others are compared.</param>
    /// <param name="namespace">Only these; null: of all namespaces.</param>
    /// <param name="limit">At most so many, the first by namespace and name; 0: all.</param>
    public IReadOnlyList<Database> Matching(IReadOnlyList<(string Index, string Value)> fields, string? @namespace = null, int limit = 100) =>
        _cache.List(new() { Namespace = @namespace, MatchingFields = [.. fields], Limit = limit });

    private static IEnumerable<string> Unless(string? value) => string.IsNullOrEmpty(value) ? [] : [value];
}
