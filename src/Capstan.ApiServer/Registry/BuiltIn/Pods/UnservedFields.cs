using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>Fields of a pod's spec that Kubernetes 1.36 knows but, without being told to, does not keep.</summary>
internal static class UnservedFields
{
    private static readonly string[] Projections = ["clusterTrustBundle", "podCertificate"];

    /// <summary>Takes them away.</summary>
    public static void Drop(JsonObject? spec)
    {
        foreach (var source in spec.Items("volumes").SelectMany(v => v.Items("projected", "sources")).OfType<JsonObject>())
        {
            foreach (var projection in Projections)
            {
                source.Remove(projection);
            }
        }

        foreach (var container in Checks.PodScope.ContainerLists.SelectMany(list => spec.Items(list)))
        {
            container.Map("lifecycle")?.Remove("stopSignal");
        }
    }
}
