using System.Text.Json.Serialization;

namespace Capstan.Cluster.Kinds;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Deployment))]
[JsonSerializable(typeof(Pod))]
[JsonSerializable(typeof(PodTemplate))]
[JsonSerializable(typeof(ReplicaSet))]
internal sealed partial class KindsJson : JsonSerializerContext;
