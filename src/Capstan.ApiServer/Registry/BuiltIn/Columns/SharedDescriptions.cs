namespace Capstan.ApiServer.Registry.BuiltIn.Columns;

/// <summary>Descriptions that stand in the tables of every kind, to the letter as Kubernetes sends them.</summary>
/// <remarks>
/// The one place where descriptions are not in our own words: recordings of tables compare these with each answer, so here the text is
/// part of the wire. All other columns are described in our own words.
/// </remarks>
internal static class SharedDescriptions
{
    /// <summary>Of the column that names the object.</summary>
    public const string Name =
        "Name must be unique within a namespace. " +
        "Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. " +
        "Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. " +
        "More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";

    /// <summary>Of the column that tells when the object was created, or how long ago.</summary>
    public const string CreationTimestamp =
        "CreationTimestamp is a timestamp representing the server time when this object was created. " +
        "It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. " +
        "It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. " +
        "More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

    /// <summary>Of the column that counts the entries of a ConfigMap.</summary>
    public const string ConfigMapData =
        "Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'. " +
        "Values with non-UTF-8 byte sequences must use the BinaryData field. " +
        "The keys stored in Data must not overlap with the keys in the BinaryData field, this is enforced during validation process.";
}
