using System.Text.Json.Nodes;
using Capstan.Applying;
using Capstan.Caching;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Events;
using Capstan.Queueing;

namespace Capstan.Cluster.Node.Scheduling;

/// <summary>Gives pods that wait for a node the one there is, or tells why it is not for them.</summary>
internal sealed class PodScheduler(KubeClient client, Informer pods, Informer nodes, Informer claims, PodEvents events) : Reconciler
{
    public const string Name = "default-scheduler";

    private const string ByClaim = "claim";
    private const string SelectedNode = "volume.kubernetes.io/selected-node";

    private static readonly ResourceType Claims = new("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", Namespaced: true);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(5);

    public static void AddTo(OperatorBuilder builder, PodEvents events)
    {
        var pods = builder.AddInformer(Pod.Resource, new InformerOptions { FieldSelector = "spec.nodeName=" });
        pods.AddIndex(ByClaim, static pod => ClaimsOf(pod.ToJson(), pod.Key.Name).Select(claim => $"{pod.Key.Namespace}/{claim}"));
        var nodes = builder.AddInformer(NodeObject.Resource);
        var claims = builder.AddInformer(Claims);
        builder.AddController("scheduler", controller =>
        {
            controller.MaxConcurrentReconciles = 4;
            controller.RateLimiter = new ExponentialBackoff(maximum: TimeSpan.FromSeconds(10));
            controller.Reconciler = new PodScheduler(builder.Client, pods, nodes, claims, events);
            controller.For(pods, static (_, now) => now is not null);

            // What a node or a claim became may be what a pod waits for.
            controller.Watches(nodes, (_, _) => pods.Cache.Keys);
            controller.Watches(claims, (_, now) => now is null ? [] : pods.Cache.ByIndex(ByClaim, now.Key.ToString()).Select(pod => pod.Key));
        });
    }

    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (pods.Cache.Get(key) is not { DeletionTimestamp: null } found || found.ToJson() is not { } json || json["spec"] is not JsonObject spec
            || (string?)spec["schedulerName"] is not (null or Name) || (spec["schedulingGates"] as JsonArray)?.Count > 0 || (string?)json["status"]?["phase"] is "Succeeded" or "Failed")
        {
            return ReconcileResult.Done;
        }

        var fault = nodes.Cache.Get(ObjectKey.ClusterScoped(NodeObject.Name)) is { } node ? NodeFit.Fault(spec, node) : "no nodes available to schedule pods";
        fault ??= await ClaimFaultAsync(json, key, cancellationToken);
        try
        {
            if (fault is not null)
            {
                await RefuseAsync(found, json, fault, cancellationToken);
                return ReconcileResult.After(LookAgain);
            }

            await BindAsync(found, cancellationToken);
        }
        catch (ApiException error) when (error.IsNotFound || error.IsConflict)
        {
            // Gone, bound or changed meanwhile: the watch tells.
        }

        return ReconcileResult.Done;
    }

    private async Task BindAsync(DynamicObject pod, CancellationToken cancellationToken)
    {
        var binding = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Binding",
            ["metadata"] = new JsonObject { ["name"] = pod.Key.Name, ["namespace"] = pod.Key.Namespace, ["uid"] = pod.Uid },
            ["target"] = new JsonObject { ["kind"] = "Node", ["name"] = NodeObject.Name },
        };
        await client.CreateAsync(Pod.Resource, DynamicObject.From(binding), new WriteOptions { Subresource = "binding" }, cancellationToken);
        events.Normal(SubjectOf(pod), "Scheduled", $"Successfully assigned {pod.Key} to {NodeObject.Name}");
    }

    private async Task RefuseAsync(DynamicObject pod, JsonObject json, string fault, CancellationToken cancellationToken)
    {
        var message = fault[0] == '1' ? $"0/1 nodes are available: {fault}. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling." : fault;
        var told = (json["status"]?["conditions"] as JsonArray ?? []).FirstOrDefault(condition => (string?)condition?["type"] == "PodScheduled");
        if ((string?)told?["message"] == message)
        {
            return;
        }

        var condition = new JsonObject
        {
            ["type"] = "PodScheduled", ["status"] = "False", ["reason"] = "Unschedulable", ["message"] = message, ["observedGeneration"] = pod.Generation,
            ["lastTransitionTime"] = (string?)told?["status"] == "False" ? told!["lastTransitionTime"]?.DeepClone() : KubeTime.Format(client.Options.TimeProvider.GetUtcNow()),
        };
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Uid }, ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) } };
        await client.PatchAsync(
            Pod.Resource, pod.Key, PatchType.StrategicMerge, DynamicObject.From(patch).Json, new PatchOptions { Subresource = "status", FieldManager = "kube-scheduler" }, cancellationToken);
        events.Warning(SubjectOf(pod), "FailedScheduling", message);
    }

    /// <summary>A pod comes to a node once its claims have their volumes.</summary>
    private async Task<string?> ClaimFaultAsync(JsonObject pod, ObjectKey key, CancellationToken cancellationToken)
    {
        string? fault = null;
        foreach (var name in ClaimsOf(pod, key.Name))
        {
            var claim = claims.Cache.Get(new(key.Namespace, name));
            if (claim is null)
            {
                return $"persistentvolumeclaim \"{name}\" not found";
            }

            if (claim.DeletionTimestamp is not null)
            {
                return $"persistentvolumeclaim \"{name}\" is being deleted";
            }

            if ((string?)claim.ToJson()["status"]?["phase"] != "Bound")
            {
                fault = "pod has unbound immediate PersistentVolumeClaims";
                await SelectNodeAsync(claim, cancellationToken);
            }
        }

        return fault;
    }

    /// <summary>Classes that wait for a pod's node learn of it by this annotation; to others it says nothing.</summary>
    private async Task SelectNodeAsync(DynamicObject claim, CancellationToken cancellationToken)
    {
        if (claim.Annotations.ContainsKey(SelectedNode))
        {
            return;
        }

        var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = claim.Uid, ["annotations"] = new JsonObject { [SelectedNode] = NodeObject.Name } } };
        try
        {
            await client.PatchAsync(
                Claims, claim.Key, PatchType.Merge, DynamicObject.From(patch).Json, new PatchOptions { FieldManager = "kube-scheduler" }, cancellationToken);
        }
        catch (ApiException error) when (error.IsNotFound || error.IsConflict)
        {
            // Another claim by now.
        }
    }

    private static IEnumerable<string> ClaimsOf(JsonObject pod, string podName)
    {
        foreach (var volume in pod["spec"]?["volumes"] as JsonArray ?? [])
        {
            var name = (string?)volume?["persistentVolumeClaim"]?["claimName"] ?? (volume?["ephemeral"] is not null ? $"{podName}-{(string?)volume["name"]}" : null);
            if (name is not null)
            {
                yield return name;
            }
        }
    }

    private static EventSubject SubjectOf(DynamicObject pod) => new(ObjectReference.To(pod));
}
