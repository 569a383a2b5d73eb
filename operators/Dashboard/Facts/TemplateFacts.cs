namespace Capstan.Dashboard.Facts;

/// <summary>What is kept of a KubeTemplate: numbers and times, no texts but its name, since there may be 100,000.</summary>
internal sealed record TemplateFacts(ObjectKey Key, string Phase)
{
    /// <summary>Phases, in the order of a template's life; <c>New</c> are those that have none.</summary>
    public static readonly IReadOnlyList<string> Phases = ["New", "Queued", "Processing", "Completed", "Failed", "Paused"];

    /// <summary>When the change came in that was processed last.</summary>
    public DateTimeOffset? QueuedAt { get; init; }

    /// <summary>When that ended.</summary>
    public DateTimeOffset? ProcessedAt { get; init; }

    /// <summary>Manifests.</summary>
    public int Resources { get; init; }

    /// <summary>Those that the server has as wanted.</summary>
    public int Synced { get; init; }

    /// <summary>Failed attempts.</summary>
    public int Retries { get; init; }

    /// <summary>When an object was found changed by others.</summary>
    public DateTimeOffset? DriftAt { get; init; }

    /// <summary>How often.</summary>
    public int Drifts { get; init; }

    /// <summary>Whether it needs somebody.</summary>
    public bool IsFailing => Phase is "Failed" or "Paused";

    /// <summary>From the change to its end, or until now; null if it is not known.</summary>
    public TimeSpan? Took(DateTimeOffset now) =>
        QueuedAt is not { } since ? null
        : Phase is "Queued" or "Processing" ? now - since
        : ProcessedAt is { } until && until >= since ? until - since : null;

    /// <summary>Reads a template.</summary>
    public static TemplateFacts Read(DynamicObject template)
    {
        using var document = JsonFacts.Open(template);
        var status = document.RootElement.At("status");
        var phase = status.Text("processingPhase");
        return new(template.Key, Phases.FirstOrDefault(known => known == phase) ?? Phases[0])
        {
            QueuedAt = status.Time("queuedAt"),
            ProcessedAt = status.Time("processedAt"),
            Resources = Count("resourcesTotal"),
            Synced = Count("resourcesSynced"),
            Retries = Count("retryCount"),
            DriftAt = status.Time("lastDriftDetected"),
            Drifts = Count("driftDetectionCount"),
        };

        int Count(string name) => (int)Math.Clamp(status.Number(name) ?? 0, 0, int.MaxValue);
    }
}
