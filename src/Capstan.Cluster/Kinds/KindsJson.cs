using System.Text.Json.Serialization;

namespace Capstan.Cluster.Kinds;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ControllerRevision))]
[JsonSerializable(typeof(CronJob))]
[JsonSerializable(typeof(DaemonSet))]
[JsonSerializable(typeof(Deployment))]
[JsonSerializable(typeof(EndpointSlice))]
[JsonSerializable(typeof(Endpoints))]
[JsonSerializable(typeof(HorizontalPodAutoscaler))]
[JsonSerializable(typeof(Job))]
[JsonSerializable(typeof(List<OwnerReference>))]
[JsonSerializable(typeof(PersistentVolume))]
[JsonSerializable(typeof(PersistentVolumeClaim))]
[JsonSerializable(typeof(Pod))]
[JsonSerializable(typeof(PodDisruptionBudget))]
[JsonSerializable(typeof(PodStatus))]
[JsonSerializable(typeof(PodTemplate))]
[JsonSerializable(typeof(ReplicaSet))]
[JsonSerializable(typeof(Service))]
[JsonSerializable(typeof(StatefulSet))]
[JsonSerializable(typeof(StorageClass))]
internal sealed partial class KindsJson : JsonSerializerContext;
