using System.Text.Json.Nodes;
using Capstan.Cluster.Manifests;

namespace Capstan.Tool.Local;

/// <summary>KubeTemplater as users install it: by its Deployment, whose pods the node runs.</summary>
/// <param name="client">An administrator's.</param>
/// <param name="installer">Applies manifests.</param>
internal sealed class OperatorPods(KubeClient client, ManifestInstaller installer)
{
    private static readonly ResourceType Deployments = new("apps", "v1", "Deployment", "deployments", Namespaced: true);
    private static readonly ResourceType Pods = new("", "v1", "Pod", "pods", Namespaced: true);
    private static readonly ObjectKey Key = new(KubeTemplater.Manifests.Namespace, "kubetemplater-controller-manager");
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Applies the Deployment, its Services and its autoscaler.</summary>
    /// <param name="admission">Whether a webhook configuration follows; without one its pods would wait for it, and so they serve none.</param>
    /// <param name="stop">Cancels.</param>
    public Task InstallAsync(bool admission, CancellationToken stop) => installer.ApplyAsync(
        [.. new[] { admission ? KubeTemplater.Manifests.Deployment : KubeTemplater.Manifests.Deployment.Replace("--webhook-bind-address=:9443", "--webhook-bind-address=0", StringComparison.Ordinal), KubeTemplater.Manifests.Autoscaling }
            .SelectMany(text => ManifestReader.Read(text, "kubetemplater"))],
        stop);

    /// <summary>Returns once one replica is ready: one is enough to process templates and to answer admission, the others follow.</summary>
    /// <exception cref="TimeoutException">None becomes ready; the message tells how their pods are.</exception>
    public async Task ReadyAsync(CancellationToken stop)
    {
        var time = client.Options.TimeProvider;
        var start = time.GetTimestamp();
        while (!IsReady((await client.GetAsync(Deployments, Key, stop)).ToJson()))
        {
            if (time.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException($"no pod of {Key} became ready within {Patience.TotalSeconds:0} s: {await PodsAsync(stop)}");
            }

            await Task.Delay(Pause, time, stop);
        }
    }

    // A status of before a restart tells of pods that are gone.
    private static bool IsReady(JsonObject deployment) =>
        (long?)deployment["status"]?["observedGeneration"] >= (long?)deployment["metadata"]!["generation"] && (int?)deployment["status"]?["readyReplicas"] > 0;

    private async Task<string> PodsAsync(CancellationToken stop)
    {
        var pods = await client.ListAsync(Pods, new ListOptions { Namespace = Key.Namespace }, stop);
        return pods.Items.Count == 0 ? "there are none" : string.Join("; ", pods.Items.Select(pod => $"{pod.Key.Name} {StateOf(pod.ToJson())}"));
    }

    private static string StateOf(JsonObject pod)
    {
        var state = (pod["status"]?["containerStatuses"] as JsonArray)?.FirstOrDefault()?["state"] as JsonObject;
        var (name, detail) = state?.FirstOrDefault() ?? default;
        return $"{(string?)pod["status"]?["phase"]} {name} {(string?)detail?["reason"]} {(string?)detail?["message"]}".Trim();
    }
}
