using System.Globalization;
using Capstan.Cluster.Node.Containers;
using Capstan.Cluster.Node.Pods;

namespace Capstan.Cluster.Node.Simulation;

/// <summary>What a simulated container does, by the annotations of its pod; one that ends with <c>.NAME</c> is for the container of that name alone.</summary>
internal sealed record SimulationPlan
{
    public const string Prefix = "simulate.capstan.dev/";

    // A job's pod is to be seen running.
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    /// <summary><c>start-after</c>: how long its image is on the way. Default: at once.</summary>
    public TimeSpan StartAfter { get; private init; }

    /// <summary><c>ready-after</c>: from its start until it is ready. Default: at once.</summary>
    public TimeSpan ReadyAfter { get; private init; }

    /// <summary><c>run-for</c>: from its start until it ends by itself. Default: never, or a second in a pod that is to end.</summary>
    public TimeSpan? RunFor { get; private init; }

    /// <summary><c>exit-code</c>: of its end by itself. Default 0. Without <c>run-for</c>, one that is not 0 also ends containers that would run for ever, after a second.</summary>
    public int ExitCode { get; private init; }

    /// <summary><c>stop-after</c>: how long it takes to end when asked. Default: at once.</summary>
    public TimeSpan StopAfter { get; private init; }

    /// <summary><c>fail-readiness</c>: it is not ready while this is <c>true</c>.</summary>
    public bool FailReadiness { get; private init; }

    /// <summary><c>cpu</c>: cores that it uses. Default 0.001.</summary>
    public double Cpu { get; private init; }

    /// <summary><c>memory</c>: bytes that it uses. Default 16Mi.</summary>
    public long Memory { get; private init; }

    /// <summary>Reads it; what cannot be read counts as not said.</summary>
    public static SimulationPlan Of(PodRecord pod, ContainerRecord container)
    {
        var code = int.TryParse(Text("exit-code"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 255 ? number : 0;
        var ends = container is { IsInit: true, IsSidecar: false } ? TimeSpan.Zero
            : !container.IsSidecar && pod.Pod.Spec.RestartPolicy is "Never" or "OnFailure" ? Moment
            : code != 0 ? Moment
            : (TimeSpan?)null;
        return new()
        {
            StartAfter = Duration("start-after") ?? TimeSpan.Zero,
            ReadyAfter = Duration("ready-after") ?? TimeSpan.Zero,
            RunFor = Duration("run-for") ?? ends,
            ExitCode = code,
            StopAfter = Duration("stop-after") ?? TimeSpan.Zero,
            FailReadiness = Text("fail-readiness") == "true",
            Cpu = Quantity.TryParse(Text("cpu"), out var cpu, out _) ? cpu.AsApproximateDouble() : 0.001,
            Memory = Quantity.TryParse(Text("memory"), out var memory, out _) ? (long)Math.Min(memory.AsApproximateDouble(), 1L << 60) : 16L << 20,
        };

        string? Text(string name) => pod.Pod.Metadata.Annotations is not { } annotations ? null
            : annotations.TryGetValue($"{Prefix}{name}.{container.Name}", out var own) ? own
            : annotations.GetValueOrDefault(Prefix + name);

        TimeSpan? Duration(string name) => GoDuration.TryParse(Text(name), out var duration) ? duration : null;
    }
}
