namespace Capstan;

/// <summary>How a patch's body is meant.</summary>
public enum PatchType
{
    /// <summary>A list of operations (RFC 6902).</summary>
    Json,

    /// <summary>Members to set, null to remove (RFC 7386).</summary>
    Merge,

    /// <summary>Kubernetes' merge that knows list keys; built-in kinds only.</summary>
    StrategicMerge,

    /// <summary>Server-side apply: the fields that the manager wants.</summary>
    Apply,
}

/// <summary>Options of create and update.</summary>
public sealed record WriteOptions
{
    /// <summary>Who is recorded in managedFields. Default: the part of the User-Agent before the slash.</summary>
    public string? FieldManager { get; init; }

    /// <summary>Everything but storing. Default false.</summary>
    public bool DryRun { get; init; }

    /// <summary><c>Ignore</c>, <c>Warn</c> or <c>Strict</c> for unknown and duplicate fields; null leaves it to the server (<c>Warn</c>).</summary>
    public string? FieldValidation { get; init; }

    /// <summary>Subresource to write, for example <c>status</c> or <c>scale</c>.</summary>
    public string? Subresource { get; init; }
}

/// <summary>Options of a patch.</summary>
public sealed record PatchOptions
{
    /// <summary>Who is recorded in managedFields. Needed for <see cref="PatchType.Apply"/>.</summary>
    public string? FieldManager { get; init; }

    /// <summary>For <see cref="PatchType.Apply"/>: take fields from other managers instead of failing with a conflict. Default false.</summary>
    public bool Force { get; init; }

    /// <summary>Everything but storing. Default false.</summary>
    public bool DryRun { get; init; }

    /// <summary>Subresource to patch, for example <c>status</c>.</summary>
    public string? Subresource { get; init; }

    /// <summary><c>Ignore</c>, <c>Warn</c> or <c>Strict</c>; null leaves it to the server.</summary>
    public string? FieldValidation { get; init; }
}

/// <summary>Options of a server-side apply.</summary>
public sealed record ApplyOptions
{
    /// <summary>Who wants these fields; stable over releases of the program.</summary>
    public required string FieldManager { get; init; }

    /// <summary>Take fields from other managers instead of failing with a conflict. Default false.</summary>
    public bool Force { get; init; }

    /// <summary>Everything but storing. Default false.</summary>
    public bool DryRun { get; init; }

    /// <summary>Subresource to apply to, for example <c>status</c>.</summary>
    public string? Subresource { get; init; }

    /// <summary><c>Ignore</c>, <c>Warn</c> or <c>Strict</c>; null leaves it to the server.</summary>
    public string? FieldValidation { get; init; }
}

/// <summary>Options of a deletion.</summary>
public sealed record DeleteOptions
{
    /// <summary>Delete only the object with this uid; else the answer is a conflict.</summary>
    public string? Uid { get; init; }

    /// <summary>Delete only this version of the object; else the answer is a conflict.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>What happens to dependents: <c>Background</c>, <c>Foreground</c> or <c>Orphan</c>; null leaves it to the kind.</summary>
    public string? PropagationPolicy { get; init; }

    /// <summary>Seconds for a graceful end; null leaves it to the object.</summary>
    public long? GracePeriodSeconds { get; init; }

    /// <summary>Everything but deleting. Default false.</summary>
    public bool DryRun { get; init; }
}

/// <summary>Which objects of a kind to list.</summary>
public sealed record ListOptions
{
    /// <summary>Only this namespace; null or empty lists all.</summary>
    public string? Namespace { get; init; }

    /// <summary>Label selector in Kubernetes' text form; null selects all.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Field selector in Kubernetes' text form; null selects all.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Version of the list: null for the most recent, <c>0</c> for any that the server has at hand.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary><c>NotOlderThan</c> or <c>Exact</c>; only with <see cref="ResourceVersion"/>.</summary>
    public string? ResourceVersionMatch { get; init; }

    /// <summary>Objects per request; null takes the client's, 0 asks for all at once.</summary>
    public int? PageSize { get; init; }

    /// <summary>Only the metadata of the objects, whose kind is then <c>PartialObjectMetadata</c>. Default false.</summary>
    public bool MetadataOnly { get; init; }
}

/// <summary>A list of objects as of one moment.</summary>
/// <typeparam name="T">Type of the objects.</typeparam>
/// <param name="Items">The objects in the server's order.</param>
/// <param name="ResourceVersion">Version of the collection; a watch from here misses nothing.</param>
public sealed record KubeList<T>(IReadOnlyList<T> Items, string ResourceVersion);
