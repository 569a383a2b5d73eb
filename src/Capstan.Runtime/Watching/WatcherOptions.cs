namespace Capstan.Watching;

/// <summary>What a <see cref="Watcher"/> watches, and how.</summary>
public sealed record WatcherOptions
{
    /// <summary>Only this namespace; null or empty watches all.</summary>
    public string? Namespace { get; init; }

    /// <summary>Label selector in Kubernetes' text form; null selects all.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Field selector in Kubernetes' text form; null selects all.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Leave <c>metadata.managedFields</c> out of the objects. Default true.</summary>
    public bool WithoutManagedFields { get; init; } = true;

    /// <summary>Only the metadata of the objects, whose kind is then <c>PartialObjectMetadata</c>: for those who watch many kinds. Default false.</summary>
    public bool MetadataOnly { get; init; }

    /// <summary>Get the first state as a stream of events where the server can (<c>sendInitialEvents</c>), which costs it far less than a list. Default true.</summary>
    public bool StreamingList { get; init; } = true;

    /// <summary>Silence before the mark that ends a streaming list, after which the server is taken for one that does not know it. Default 10 s.</summary>
    public TimeSpan StreamingListPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Shortest time that the server is asked to hold a watch; the longest is twice that, drawn anew for each. Default 5 min.</summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How much longer than asked a watch may last before its connection is taken for dead. Default 30 s.</summary>
    public TimeSpan WatchTimeoutMargin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>First wait after a failure; doubles with each further one. Default 0.8 s.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromSeconds(0.8);

    /// <summary>Longest wait after a failure, before jitter of up to as much again. Default 30 s.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time without failure after which the next one waits <see cref="MinBackoff"/> again, as it does after ten times the last wait, and where a watch
    /// brought changes before it failed. Default 2 min.</summary>
    public TimeSpan BackoffReset { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Which objects of the first state to gather; the others are let go as they come. Changes are told of all. Null gathers all.</summary>
    internal Func<DynamicObject, bool>? Keeps { get; init; }

    /// <summary>Called before the first state is asked for, each time.</summary>
    internal Action? ListBegins { get; init; }

    /// <summary>Makes the objects of events and lists; null keeps them whole.</summary>
    internal ObjectDecoder? Decoder { get; init; }

    /// <summary>Gets the first state as it comes, instead of <see cref="WatchEvent.Objects"/>: null when it begins, anew after a failure; then each object, in any order, as Applied or Deleted.</summary>
    internal Action<WatchEvent?>? Listed { get; init; }
}
