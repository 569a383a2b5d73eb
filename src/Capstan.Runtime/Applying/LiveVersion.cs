namespace Capstan.Applying;

/// <summary>Which state of an object a cache shows.</summary>
/// <param name="Uid">The object's uid.</param>
/// <param name="Version">Its resourceVersion, or a fingerprint of the part of it that is watched over.</param>
public readonly record struct LiveVersion(string Uid, string Version);
