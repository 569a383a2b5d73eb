using Capstan.Selectors;

namespace Capstan.Caching;

/// <summary>Which objects of a cache to read. All conditions must hold; without any, all objects are read.</summary>
public readonly record struct ListQuery
{
    /// <summary>Only this namespace; null or empty reads all.</summary>
    public string? Namespace { get; init; }

    /// <summary>Labels that objects must have; null reads all.</summary>
    public LabelSelector? LabelSelector { get; init; }

    /// <summary>Indexes, and the value that each must have for an object. The first finds the objects, the others sort out: name the one that finds fewest first.</summary>
    public IReadOnlyList<(string Index, string Value)>? MatchingFields { get; init; }

    /// <summary>At most so many, the first by namespace, then name; 0 reads all.</summary>
    public int Limit { get; init; }
}
