using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Databases;
using KubeTemplater;

namespace Capstan.Tool.Doctor;

/// <summary>The operator's replicas: whether they run, why they ended, and whether one of them leads.</summary>
internal sealed class ReplicasLook(KubeClient client, Installation installation)
{
    private const int ManyRestarts = 3;

    private static readonly ResourceType Pods = new("", "v1", "Pod", "pods", Namespaced: true);
    private static readonly ResourceType Leases = new("coordination.k8s.io", "v1", "Lease", "leases", Namespaced: true);

    public async IAsyncEnumerable<Diagnosis> RunAsync([EnumeratorCancellation] CancellationToken stop)
    {
        var wanted = (int?)installation.Json["spec"]!["replicas"] ?? 1;
        var available = (int?)installation.Json["status"]?["availableReplicas"] ?? 0;
        var logs = $"kubectl -n {installation.Namespace} get pods; kubectl -n {installation.Namespace} logs deployment/{installation.Deployment.Key.Name}";
        yield return available switch
        {
            0 when wanted == 0 => Diagnosis.Wrong(installation.Name, "is scaled to 0: nothing is processed, and what webhooks are asked about is refused", $"kubectl -n {installation.Namespace} scale deployment/{installation.Deployment.Key.Name} --replicas=3"),
            0 => Diagnosis.Wrong(installation.Name, $"none of {wanted} replicas is available", logs),
            _ when available < wanted => Diagnosis.Warn(installation.Name, $"{available} of {wanted} replicas are available", logs),
            _ => Diagnosis.Fine(installation.Name, $"{available} of {wanted} replicas are available"),
        };

        var labels = installation.Json["spec"]!["selector"]?["matchLabels"] as JsonObject ?? [];
        var pods = await client.ListAsync(Pods, new ListOptions { Namespace = installation.Namespace, LabelSelector = string.Join(',', labels.Select(label => $"{label.Key}={label.Value}")) }, stop);
        foreach (var pod in pods.Items)
        {
            if (Judge(pod) is { } found)
            {
                yield return found;
            }
        }

        if (installation.Flag("--leader-elect") is not (null or "false"))
        {
            yield return Judge(await client.FindAsync(Leases, Lease, stop), available);
        }
    }

    private ObjectKey Lease => new(
        installation.Namespace,
        installation.Known.Name == "kubetemplater"
            ? KubeTemplaterOperator.LeaseNameOf(installation.Variable("WATCH_NAMESPACES")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).ToArray() ?? [])
            : DatabaseOperator.LeaseName);

    private static Diagnosis? Judge(DynamicObject pod)
    {
        foreach (var container in pod.ToJson()["status"]?["containerStatuses"] as JsonArray ?? [])
        {
            var restarts = (int?)container!["restartCount"] ?? 0;
            var end = container["lastState"]?["terminated"];
            if ((string?)end?["reason"] == "OOMKilled")
            {
                return Diagnosis.Wrong($"Pod {pod.Key}", $"ran out of memory, last at {end["finishedAt"]}", "raise resources.limits.memory (see the forecast), or share the objects among replicas or operators: docs/tuning.md");
            }

            if (restarts > ManyRestarts)
            {
                return Diagnosis.Warn($"Pod {pod.Key}", $"was restarted {restarts} times, last after exit code {end?["exitCode"]} ({end?["reason"]})", $"kubectl -n {pod.Key.Namespace} logs {pod.Key.Name} --previous");
            }

            if (container["state"]?["waiting"] is { } waiting && (string?)waiting["reason"] is not ("ContainerCreating" or "PodInitializing"))
            {
                return Diagnosis.Wrong($"Pod {pod.Key}", $"does not start: {waiting["reason"]} {waiting["message"]}".TrimEnd(), $"kubectl -n {pod.Key.Namespace} describe pod {pod.Key.Name}");
            }
        }

        return null;
    }

    private Diagnosis Judge(DynamicObject? lease, int available)
    {
        var subject = $"{installation.Known.Name} Lease {Lease}";
        var spec = lease?.ToJson()["spec"];
        if ((string?)spec?["holderIdentity"] is not { Length: > 0 } holder)
        {
            return Diagnosis.Wrong(subject, "nobody holds it, so nobody processes anything", available > 0 ? "see the logs of the replicas, and the rights below" : "see the replicas above");
        }

        var renewed = DateTimeOffset.TryParse((string?)spec["renewTime"], out var time) ? time : default;
        var age = client.Options.TimeProvider.GetUtcNow() - renewed;
        var duration = TimeSpan.FromSeconds((int?)spec["leaseDurationSeconds"] ?? 15);
        return age > 2 * duration
            ? Diagnosis.Wrong(subject, $"{holder} holds it and renewed it last {age.TotalSeconds:0} s ago; it lasts {duration.TotalSeconds:0} s", "see the logs of the replicas: none takes it over")
            : Diagnosis.Fine(subject, $"{holder} holds it");
    }
}
