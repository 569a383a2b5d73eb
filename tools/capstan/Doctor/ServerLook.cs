using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Capstan.Tool.Doctor;

/// <summary>The API server: whether it is one that the operators can work with.</summary>
internal sealed class ServerLook(KubeClient client)
{
    private const string Subject = "API server";

    // matchConditions of webhook configurations, without which whoever suspends a template would have to wait for the operator, are there for good from this version.
    private const int LeastMinor = 30;

    // selectableFields of definitions: kubectl get databases --field-selector.
    private const int SelectableMinor = 32;

    public async IAsyncEnumerable<Diagnosis> RunAsync([EnumeratorCancellation] CancellationToken stop)
    {
        var version = JsonNode.Parse(await client.GetRawAsync("/version", cancellationToken: stop))!;
        var name = (string?)version["gitVersion"] ?? "unknown";
        var minor = int.TryParse(((string?)version["minor"])?.TrimEnd('+'), CultureInfo.InvariantCulture, out var number) ? number : 0;
        yield return minor switch
        {
            0 => Diagnosis.Warn(Subject, $"{client.Config.Server} says no version ({name})", $"the operators want 1.{LeastMinor} or later"),
            < LeastMinor => Diagnosis.Wrong(Subject, $"{name} is older than 1.{LeastMinor}: it does not know matchConditions of webhooks", $"use Kubernetes 1.{LeastMinor} or later"),
            < SelectableMinor => Diagnosis.Warn(Subject, $"{name} may not know selectableFields: --field-selector spec.environment=… is refused", $"Kubernetes 1.{SelectableMinor} has them for good; the operators work without"),
            _ => Diagnosis.Fine(Subject, $"{name} at {client.Config.Server}"),
        };

        var kinds = await client.Discovery.ListAsync(stop);
        yield return kinds.Any(kind => kind.Group == "metrics.k8s.io")
            ? Diagnosis.Fine(Subject, "serves metrics.k8s.io, which autoscalers need")
            : Diagnosis.Warn(Subject, "serves no metrics.k8s.io: autoscalers scale nothing, kubectl top shows nothing", "install metrics-server, or do without autoscaling");
    }
}
