using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Capstan.Tool.Doctor;

/// <summary>How much memory the operator's caches will take in this cluster, against what its container may have.</summary>
/// <remarks>A forecast from counts and from the size of the first objects: what it is good for is to see that a limit is far too low before the kernel shows it.</remarks>
internal sealed class MemoryLook(KubeClient client, Installation installation)
{
    private const int Sample = 50;
    private const double Mebi = 1 << 20;

    // Measured (bench/RESULTS-kubetemplater.md): a replica that has done little.
    private const double Base = 120 * Mebi;

    // Of the limit; the autoscaler of the manifests would add a replica from here.
    private const double TooNear = 0.8;

    public async IAsyncEnumerable<Diagnosis> RunAsync([EnumeratorCancellation] CancellationToken stop)
    {
        var subject = $"{installation.Known.Name} memory";
        double bytes = Base;
        var counts = new List<string>();
        foreach (var (type, besides) in installation.Known.Kinds)
        {
            var (count, size) = await MeasureAsync(type, stop);
            bytes += count * (size + besides);
            if (count > 0)
            {
                counts.Add($"{count.ToString(CultureInfo.InvariantCulture)} {type.Plural}");
            }
        }

        var said = $"about {bytes / Mebi:0} MiB for {(counts.Count > 0 ? string.Join(", ", counts) : "no objects")}";
        if (!Quantity.TryParse((string?)installation.Container["resources"]?["limits"]?["memory"] ?? "", out var limit, out _))
        {
            yield return Diagnosis.Warn(subject, $"{said}; there is no limit", "give the container resources.limits.memory, so that a leak anywhere ends with one pod");
            yield break;
        }

        var most = limit.AsApproximateDouble();
        yield return bytes > TooNear * most
            ? Diagnosis.Warn(subject, $"{said}; the limit is {most / Mebi:0} MiB", $"raise resources.limits.memory to {Math.Ceiling(bytes * 1.5 / Mebi / 64) * 64:0}Mi, or share the objects: docs/tuning.md")
            : Diagnosis.Fine(subject, $"{said}, of {most / Mebi:0} MiB");
    }

    private async Task<(long Count, double Size)> MeasureAsync(ResourceType type, CancellationToken stop)
    {
        try
        {
            var page = await client.GetRawAsync($"{type.CollectionPath()}?limit={Sample}", cancellationToken: stop);
            var list = JsonNode.Parse(page)!;
            var items = list["items"] as JsonArray ?? [];
            return (items.Count + ((long?)list["metadata"]?["remainingItemCount"] ?? 0), items.Count == 0 ? 0 : (double)page.Length / items.Count);
        }
        catch (ApiException refused) when (refused.IsNotFound)
        {
            return (0, 0);
        }
    }
}
