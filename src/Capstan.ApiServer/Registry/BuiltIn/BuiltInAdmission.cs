using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry.BuiltIn.Pods.Admission;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>The admission that Kubernetes has on by default and that knows single kinds: what it adds before an object is validated, and what it refuses after.</summary>
/// <param name="cluster">What other objects say.</param>
/// <param name="withAccounts">Whether pods must have a ServiceAccount that exists.</param>
internal sealed class BuiltInAdmission(ClusterState cluster, bool withAccounts)
{
    private readonly PodAdmission _pods = new(cluster, withAccounts);
    private readonly StorageAdmission _storage = new(cluster);
    private readonly LimitRanges _limits = new(cluster);

    /// <summary>Adds what is absent; what it adds belongs to no field manager.</summary>
    /// <param name="request">The write.</param>
    /// <param name="obj">The object as it is to be.</param>
    /// <param name="old">The object as it is; null of a new one.</param>
    /// <exception cref="ApiError">403: it does not fit to what the cluster has.</exception>
    public void Admit(WriteRequest request, JsonObject obj, JsonObject? old)
    {
        switch (KindOf(request))
        {
            case ("", "Pod"):
                _pods.Admit(request, obj, old);
                break;
            case ("", "PersistentVolumeClaim" or "PersistentVolume") or ("storage.k8s.io", "VolumeAttributesClass") when old is null:
                _storage.Protect(obj, request.Served.Type.Kind);
                break;
            case ("", "Node") when old is null:
                NodeAdmission.Taint(obj);
                break;
        }
    }

    /// <summary>Refuses what may not be.</summary>
    /// <param name="request">The write.</param>
    /// <param name="obj">The object as it is to be, valid.</param>
    /// <param name="old">The object as it is; null of a new one.</param>
    /// <exception cref="ApiError">403: so it is.</exception>
    public void Approve(WriteRequest request, JsonObject obj, JsonObject? old)
    {
        switch (KindOf(request))
        {
            case ("", "Pod"):
                _pods.Approve(request, obj, old);
                break;
            case ("", "PersistentVolumeClaim") when request.Info.Subresource.Length == 0:
                _limits.Check(request, obj, old);
                _storage.CheckGrowth(request, obj, old);
                break;
            case ("scheduling.k8s.io", "PriorityClass") when obj.Flag("globalDefault") == true:
                CheckOnlyDefault(request, obj, old);
                break;
        }
    }

    private void CheckOnlyDefault(WriteRequest request, JsonObject obj, JsonObject? old)
    {
        var name = PriorityAdmission.DefaultClass(cluster).Text("metadata", "name");
        if (name is not null && (old is null || name != obj.Text("metadata", "name")))
        {
            throw request.Refused(obj, $"PriorityClass {name} is already marked as default. Only one default can exist");
        }
    }

    private static (string Group, string Kind) KindOf(WriteRequest request) => request.Served.IsCustom ? default : (request.Served.Type.Group, request.Served.Type.Kind);
}
