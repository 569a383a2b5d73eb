using Capstan.Selectors;

namespace Capstan.Caching;

/// <summary>Which objects of a cache to read. All conditions must hold; without any, all objects are read.</summary>
public readonly record struct ListQuery
{
    /// <summary>Only this namespace; null or empty reads all.</summary>
    public string? Namespace { get; init; }

    /// <summary>Labels that objects must have; null reads all.</summary>
    public LabelSelector? LabelSelector { get; init; }

    /// <summary>Index and value that it must have for an object.</summary>
    public (string Index, string Value)? MatchingFields { get; init; }

    /// <summary>At most so many, the first by key; 0 reads all.</summary>
    public int Limit { get; init; }
}
