namespace Capstan.Yaml;

/// <summary>What to do with a key that a mapping has twice.</summary>
public enum DuplicateKeys
{
    /// <summary>An error, as with <c>--validate=strict</c>.</summary>
    Refuse,

    /// <summary>The last one is taken, as Kubernetes does when it is not strict.</summary>
    LastWins,
}
