using System.Text.Json.Serialization;

namespace Capstan.Cluster.Kinds;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ControllerRevision))]
[JsonSerializable(typeof(Deployment))]
[JsonSerializable(typeof(List<OwnerReference>))]
[JsonSerializable(typeof(Pod))]
[JsonSerializable(typeof(EndpointSlice))]
[JsonSerializable(typeof(Endpoints))]
[JsonSerializable(typeof(PodStatus))]
[JsonSerializable(typeof(PodTemplate))]
[JsonSerializable(typeof(ReplicaSet))]
[JsonSerializable(typeof(Service))]
[JsonSerializable(typeof(StatefulSet))]
internal sealed partial class KindsJson : JsonSerializerContext;
