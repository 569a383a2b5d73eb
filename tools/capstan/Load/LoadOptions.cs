namespace Capstan.Tool.Load;

/// <summary>What all kinds of load have in common on the command line.</summary>
internal sealed record LoadOptions
{
    /// <summary>Objects that the load begins with.</summary>
    public required int Count { get; init; }

    /// <summary>Objects that each template makes.</summary>
    public required int Resources { get; init; }

    /// <summary>Namespaces that the objects are spread over.</summary>
    public required int Namespaces { get; init; }

    /// <summary>Operations a second; 0: as fast as the clients can.</summary>
    public required double Rate { get; init; }

    /// <summary>Requests under way at once.</summary>
    public required int Clients { get; init; }

    /// <summary>Objects of templates that are changed or deleted.</summary>
    public int Drifts { get; init; }

    /// <summary>How long a load goes on that has no end by itself.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>How long the operator may take for what was asked last.</summary>
    public required TimeSpan Patience { get; init; }

    /// <summary>How long nothing is done after the load, to see what the operator does then; zero: not at all.</summary>
    public TimeSpan Idle { get; init; }

    /// <summary>Whether the operator's Deployment has no replicas until all objects are stored.</summary>
    public bool BeforeStart { get; init; }

    /// <summary>Whether a cluster without the mark may be loaded.</summary>
    public required bool Yes { get; init; }

    /// <summary>Whether what was made stays.</summary>
    public required bool Keep { get; init; }

    /// <summary>Namespace of the operator: of its pods, and of its policies.</summary>
    public required string OperatorNamespace { get; init; }

    /// <summary>Metrics pages of replicas that are no pods; none: the pods are asked.</summary>
    public required IReadOnlyList<string> MetricsUrls { get; init; }
}
