using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.ApiServer.Storage;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>Gives pods their nodes. Thread-safe.</summary>
internal sealed class PodBinding(Store store, Catalogue catalogue, ClusterState cluster, Writes writes, TimeProvider clock)
{
    private static readonly GroupResource Pods = new("", "pods");
    private static readonly GroupResource Nodes = new("", "nodes");
    private static readonly string[] TopologyLabels = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];

    /// <summary>POST of a Binding.</summary>
    public async ValueTask<StatusAnswer> BindAsync(WriteRequest request, Body body)
    {
        var binding = await writes.AdmitSentAsync(request, writes.Reviewed(request with { Served = catalogue.Find("", "v1", "bindings")! }, body));
        var name = binding.Text("metadata", "name") ?? "";
        if (request.Info.Name.Length > 0 && name != request.Info.Name)
        {
            throw ApiError.BadRequest("name in URL does not match name in Binding object");
        }

        var errors = new List<FieldError>();
        var target = new Place(binding, "", null, errors)["target"];
        if (target["kind"].HasText)
        {
            target["kind"].OneOf("Node", "<empty>");
        }

        if (!target["name"].HasText)
        {
            target["name"].Required();
        }

        if (errors.Count > 0)
        {
            throw ApiError.Unknown(errors.Count == 1 ? errors[0].ToString() : $"[{string.Join(", ", errors)}]");
        }

        await writes.CheckSentAsync(request, binding);
        Assign(request with { Served = catalogue.Find("", "v1", "pods")! }, binding, name);
        return new StatusAnswer(201, new ApiStatus { Status = "Success", Code = 201 });
    }

    private void Assign(WriteRequest request, JsonObject binding, string name)
    {
        var key = new ObjectKey(request.Info.Namespace, name);
        while (true)
        {
            var stored = store.Find(Pods, key) ?? throw ApiError.NotFound(Pods, name);
            CheckMeant(stored, binding.Map("metadata"));
            var pod = ObjectBytes.Parse(request.Served, stored);
            Assign(pod, binding, clock.GetUtcNow());
            if (request.Options.DryRun || writes.Replace(request, pod, stored) is not null)
            {
                return;
            }
        }
    }

    private void Assign(JsonObject pod, JsonObject binding, DateTimeOffset now)
    {
        var name = pod.Text("metadata", "name")!;
        var fault = pod.Text("metadata", "deletionTimestamp") is not null ? $"pod {name} is being deleted, cannot be assigned to a host"
            : pod.Text("spec", "nodeName") is { Length: > 0 } taken ? $"pod {name} is already assigned to node {GoFormat.Quote(taken)}"
            : pod.Items("spec", "schedulingGates").Count > 0 ? $"pod {name} has non-empty .spec.schedulingGates"
            : null;
        if (fault is not null)
        {
            throw ApiError.Conflict(new GroupResource("", "pods/binding"), name, fault);
        }

        var node = binding.Text("target", "name")!;
        pod.Map("spec")!["nodeName"] = node;
        pod.Map("status")?.Remove("nominatedNodeName");
        Copy(binding.Map("metadata", "annotations"), pod, "annotations");
        Copy(binding.Map("metadata", "labels"), pod, "labels");
        var place = cluster.Find(Nodes, "", node).Map("metadata", "labels");
        Copy(new JsonObject([.. (place ?? []).Where(l => TopologyLabels.Contains(l.Key)).Select(l => KeyValuePair.Create(l.Key, l.Value?.DeepClone()))]), pod, "labels");
        PodConditions.Set(pod, "PodScheduled", "True", KubeTime.Format(now));
    }

    private static void CheckMeant(StoredObject stored, JsonObject? metadata)
    {
        if (metadata.Text("uid") is { Length: > 0 } uid && uid != stored.Uid)
        {
            throw Other(stored, $"UID in precondition: {uid}, UID in object meta: {stored.Uid}");
        }

        var current = stored.Revision.ToString(CultureInfo.InvariantCulture);
        if (metadata.Text("resourceVersion") is { Length: > 0 } version && version != current)
        {
            throw Other(stored, $"ResourceVersion in precondition: {version}, ResourceVersion in object meta: {current}");
        }
    }

    private static ApiError Other(StoredObject stored, string why) => ApiError.Conflict(
        Pods, stored.Key.Name, $"StorageError: invalid object, Code: 4, Key: /registry/pods/{stored.Key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: {why}");

    private static void Copy(JsonObject? from, JsonObject pod, string field)
    {
        foreach (var (key, value) in from ?? [])
        {
            pod["metadata"]!.AsObject().GetOrAddMap(field)![key] = value?.DeepClone();
        }
    }
}
