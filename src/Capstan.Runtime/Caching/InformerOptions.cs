using Capstan.Selectors;

namespace Capstan.Caching;

/// <summary>Which objects an informer holds, and how.</summary>
public sealed record InformerOptions
{
    /// <summary>Only this namespace; null or empty holds all, or <see cref="Namespaces"/>.</summary>
    public string? Namespace { get; init; }

    /// <summary>Only these namespaces, each with a watch of its own; rights in these suffice. Default: none named, see <see cref="Namespace"/>.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Labels that objects must have. Default: all.</summary>
    public LabelSelector LabelSelector { get; init; } = LabelSelector.Everything;

    /// <summary>Field selector in Kubernetes' text form; null selects all.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Only the metadata of the objects, whose kind is then <c>PartialObjectMetadata</c>: for kinds of which many are watched for their labels or owners. Default false.</summary>
    public bool MetadataOnly { get; init; }

    /// <summary>Leave <c>metadata.managedFields</c> out. Default true.</summary>
    public bool WithoutManagedFields { get; init; } = true;

    /// <summary>Makes of an object what to keep of it, for example without large fields that nobody reads. Default null: keep all.</summary>
    /// <remarks>Must be pure, and must not change name, namespace, uid or resourceVersion; an object for which it fails is kept whole, and <see cref="Informer.Faulted"/>
    /// tells. Called on several threads.</remarks>
    public Func<DynamicObject, DynamicObject>? Transform { get; init; }

    /// <summary>Keep of each object its key, uid, resourceVersion and this hash alone: what a program needs that holds a hundred thousand objects to a wish. Default null: keep objects.</summary>
    /// <remarks>Must be pure. <see cref="Informer.Fingerprints"/> then reads instead of <see cref="Informer.Cache"/>; there are no indexes. Handlers get of an object
    /// before a change no more than its key, uid and version, and the whole object after it.</remarks>
    public Func<DynamicObject, Fingerprint>? Fingerprint { get; init; }

    /// <summary>With <see cref="Fingerprint"/>: whether handlers are told of a change after which the object, given here, has the same fingerprint. Default null: of every change.</summary>
    /// <remarks>Called under the cache's lock: it must answer at once. What handlers are not told of costs no more than to read it.</remarks>
    public Func<DynamicObject, bool>? TellsUnchanged { get; init; }

    /// <summary>Get the first state as a stream of events where the server can. Default true.</summary>
    public bool StreamingList { get; init; } = true;

    /// <summary>How long <see cref="Informer.WaitForSyncAsync"/> waits. Default 2 min.</summary>
    public TimeSpan CacheSyncTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Longest wait after a failure to list or watch, before jitter of up to as much again. Default 30 s.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often all objects are told to the handlers again, as changes that change nothing; up to a tenth later, by chance. Default null: never.</summary>
    /// <remarks>Nothing is asked of the server: this repairs what a handler forgot, not what the watch missed.</remarks>
    public TimeSpan? ResyncPeriod { get; init; }

    /// <summary>How long a write of one's own is shown that a working watch does not bring, such as of an object that no selector selects. Default 1 min.</summary>
    public TimeSpan OwnWriteLifetime { get; init; } = TimeSpan.FromMinutes(1);
}
