using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>The quality-of-service class of a pod: who is evicted first when a node runs short.</summary>
internal static class PodQuality
{
    /// <summary><c>Guaranteed</c> when every container may use exactly what it asks for, of CPU and memory; <c>BestEffort</c> when none asks for anything;
    /// else <c>Burstable</c>.</summary>
    public static string Of(JsonObject pod)
    {
        var containers = pod.Items("spec", "containers").Concat(pod.Items("spec", "initContainers")).ToList();
        var asks = false;
        var guaranteed = true;
        foreach (var resources in containers.Select(c => c.At("resources")))
        {
            foreach (var name in (ReadOnlySpan<string>)["cpu", "memory"])
            {
                var (request, limit) = (resources.At("requests", name), resources.At("limits", name));
                asks |= IsGiven(request) || IsGiven(limit);
                guaranteed &= IsGiven(limit) && JsonNode.DeepEquals(request, limit);
            }
        }

        return !asks ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }

    private static bool IsGiven(JsonNode? quantity) => quantity is not null && quantity.Text() is not "0" && quantity.Number() is not 0;
}
