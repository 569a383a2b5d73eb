using System.Text.Json.Serialization;
using Capstan.Tool.Load.Measuring;

namespace Capstan.Tool.Load.Reporting;

/// <summary>What a load showed. Times in milliseconds and seconds, sizes in bytes.</summary>
internal sealed record LoadReport
{
    /// <summary>Kind of load.</summary>
    public required string Load { get; init; }

    /// <summary>Name of the run.</summary>
    public required string Run { get; init; }

    /// <summary>When it began, in UTC.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>The API server.</summary>
    public required string Server { get; init; }

    /// <summary>Its version.</summary>
    public required string ServerVersion { get; init; }

    /// <summary>What was asked for.</summary>
    public required LoadShape Shape { get; init; }

    /// <summary>What was done, the thing that the figures below are per.</summary>
    public required string Unit { get; init; }

    /// <summary>How many of it.</summary>
    public required long Done { get; init; }

    /// <summary>From the first request until the last was done.</summary>
    public required double Seconds { get; init; }

    /// <summary>How many a second.</summary>
    public required double PerSecond { get; init; }

    /// <summary>Durations.</summary>
    public required IReadOnlyList<LatencyRow> Latencies { get; init; }

    /// <summary>Further numbers.</summary>
    public required IReadOnlyList<Figure> Figures { get; init; }

    /// <summary>Requests of the operator to the API server, by HTTP method, of all replicas together.</summary>
    public required IReadOnlyList<CallRow> OperatorCalls { get; init; }

    /// <summary>Requests that the API server counted, whoever made them (this tool among them), the most frequent first.</summary>
    public required IReadOnlyList<CallRow> ServerCalls { get; init; }

    /// <summary>What each replica of the operator used.</summary>
    public required IReadOnlyList<ReplicaUsage> Replicas { get; init; }

    /// <summary>All replicas, per thing done; null when no metrics could be read.</summary>
    public required UsageEach? Each { get; init; }

    /// <summary>What went wrong with the load.</summary>
    public required IReadOnlyList<FaultCount> Errors { get; init; }

    /// <summary>What could not be measured.</summary>
    public required IReadOnlyList<FaultCount> NotMeasured { get; init; }
}

/// <summary>What was asked for.</summary>
internal sealed record LoadShape(int Count, int Resources, int Namespaces, double Rate, int Clients, double DurationSeconds, int Drifts, bool BeforeStart);

/// <summary>Durations of one kind.</summary>
internal sealed record LatencyRow(string What, LatencySummary Milliseconds);

/// <summary>A number.</summary>
internal sealed record Figure(string What, double Value);

/// <summary>Requests of one kind.</summary>
internal sealed record CallRow(string Call, long Count, double Each);

/// <summary>What one thing done took of all replicas together.</summary>
/// <param name="Calls">Requests to the API server.</param>
/// <param name="CpuMilliseconds">Processor time.</param>
/// <param name="AllocatedBytes">Memory that objects took; null if a replica does not tell.</param>
internal sealed record UsageEach(double Calls, double CpuMilliseconds, double? AllocatedBytes);

/// <summary>The report for programs.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(LoadReport))]
internal sealed partial class LoadReportJson : JsonSerializerContext;
