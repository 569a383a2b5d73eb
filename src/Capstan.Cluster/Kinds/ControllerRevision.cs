using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Capstan.Cluster.Kinds;

/// <summary>apps/v1 ControllerRevision: what a workload was at one time. Its data never changes, its number does when that time comes back.</summary>
internal sealed record ControllerRevision : KubeObject, IKubeObject<ControllerRevision>
{
    public static ResourceType Resource { get; } = new("apps", "v1", "ControllerRevision", "controllerrevisions", Namespaced: true);

    public static JsonTypeInfo<ControllerRevision> JsonTypeInfo => KindsJson.Default.ControllerRevision;

    public JsonObject? Data { get; set; }

    public long Revision { get; set; }
}
