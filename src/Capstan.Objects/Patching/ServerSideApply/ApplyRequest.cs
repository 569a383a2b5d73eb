using Capstan.Schemas;

namespace Capstan.Patching;

/// <summary>Who writes, how, and to which part of an object: what ownership of fields depends on.</summary>
/// <param name="Manager">Field manager of the request; empty counts as <c>unknown</c>.</param>
/// <param name="ApiVersion">Group and version of the request, for example <c>apps/v1</c>.</param>
/// <param name="Subresource">For example <c>status</c>; empty for the object itself.</param>
/// <param name="Force">Whether an apply takes over what others own.</param>
/// <param name="Now">The time to note for the manager; seconds are kept.</param>
public sealed record ApplyRequest(string Manager, string ApiVersion, string Subresource, bool Force, DateTimeOffset Now)
{
    /// <summary>Fields that the endpoint does not change, as paths of names (<c>status</c>, <c>metadata.ownerReferences</c>): nobody comes to own them by this
    /// request. None by default.</summary>
    public IReadOnlyList<string> ResetFields { get; init; } = [];

    /// <summary>The schema of the kind in another version of its group; null when there is no such version (any more): owners in it are forgotten
    /// if the kind is built in; of a custom kind the apply then fails with <see cref="ApplyTypeException"/>, and an update forgets all owners. By default every version has the schema of the request. The shape of the object is taken to be the same in all versions.</summary>
    public Func<string, Schema?>? SchemaOfVersion { get; init; }
}
