using System.Text.Json.Nodes;
using Capstan.Cluster.Manifests;

namespace Capstan.Tool.Local.Operators;

/// <summary>An operator as users install it: by its Deployment, whose pods the node runs.</summary>
/// <param name="known">The operator.</param>
/// <param name="client">An administrator's.</param>
/// <param name="installer">Applies manifests.</param>
internal sealed class OperatorPods(LocalOperator known, KubeClient client, ManifestInstaller installer)
{
    private static readonly ResourceType Deployments = new("apps", "v1", "Deployment", "deployments", Namespaced: true);
    private static readonly ResourceType Pods = new("", "v1", "Pod", "pods", Namespaced: true);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly List<DynamicObject> _manifests = [.. known.Read(known.Workload)];
    private DynamicObject? _deployment;

    /// <summary>Kind and name of the Deployment.</summary>
    public (ResourceType Type, ObjectKey Key) Deployment => (Deployments, _manifests.Single(IsDeployment).Key);

    private ObjectKey Key => Deployment.Key;

    /// <summary>Applies the Deployment with one replica, unless it is there from before: one is enough to begin with, and the others would take processor time from it.</summary>
    /// <param name="flags">What the operator is told otherwise than by its Deployment, such as <c>--connect=false</c>.</param>
    /// <param name="stop">Cancels.</param>
    public async Task BeginAsync(IEnumerable<string> flags, CancellationToken stop)
    {
        _deployment = Told(_manifests.Single(IsDeployment), flags);
        var first = _deployment.ToJson();
        if (await client.FindAsync(Deployments, Key, stop) is null)
        {
            first["spec"]!["replicas"] = 1;
        }

        await installer.ApplyAsync([DynamicObject.From(first)], stop);
    }

    /// <summary>Applies all of it as users do.</summary>
    public Task CompleteAsync(CancellationToken stop) => installer.ApplyAsync(_manifests.Select(manifest => IsDeployment(manifest) ? _deployment! : manifest), stop);

    /// <summary>Returns once one replica is ready: one is enough to process objects and to answer admission, the others follow.</summary>
    /// <exception cref="TimeoutException">None becomes ready; the message tells how their pods are.</exception>
    public async Task ReadyAsync(CancellationToken stop)
    {
        if (!await new ObjectWait(client).UntilAsync(Deployments, Key, IsReady, Patience, stop))
        {
            throw new TimeoutException($"no pod of {Key} became ready within {Patience.TotalSeconds:0} s: {await PodsAsync(stop)}");
        }
    }

    private static bool IsDeployment(DynamicObject manifest) => manifest.Kind == Deployments.Kind;

    private static DynamicObject Told(DynamicObject deployment, IEnumerable<string> flags)
    {
        var json = deployment.ToJson();
        var arguments = (JsonArray)json["spec"]!["template"]!["spec"]!["containers"]![0]!["args"]!;
        foreach (var flag in flags)
        {
            var name = flag[..(flag.IndexOf('=', StringComparison.Ordinal) + 1)];
            arguments.RemoveAll(argument => ((string)argument!).StartsWith(name, StringComparison.Ordinal));
            arguments.Add((JsonNode)flag);
        }

        return DynamicObject.From(json);
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
