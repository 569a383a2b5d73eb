using Capstan.Selectors;

namespace Capstan.Caching;

/// <summary>Which objects an informer holds, and how.</summary>
public sealed record InformerOptions
{
    /// <summary>Only this namespace; null or empty holds all.</summary>
    public string? Namespace { get; init; }

    /// <summary>Labels that objects must have. Default: all.</summary>
    public LabelSelector LabelSelector { get; init; } = LabelSelector.Everything;

    /// <summary>Field selector in Kubernetes' text form; null selects all.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Leave <c>metadata.managedFields</c> out. Default true.</summary>
    public bool WithoutManagedFields { get; init; } = true;

    /// <summary>Get the first state as a stream of events where the server can. Default true.</summary>
    public bool StreamingList { get; init; } = true;

    /// <summary>How long <see cref="Informer.WaitForSyncAsync"/> waits. Default 2 min.</summary>
    public TimeSpan CacheSyncTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Longest wait after a failure to list or watch, before jitter of up to as much again. Default 30 s.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a deletion of one's own is believed before the watch told it. Default 1 min.</summary>
    public TimeSpan OwnDeletionLifetime { get; init; } = TimeSpan.FromMinutes(1);
}
