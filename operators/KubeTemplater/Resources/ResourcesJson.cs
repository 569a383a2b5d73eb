using System.Text.Json.Serialization;
using Capstan;

namespace KubeTemplater.Resources;

/// <summary>JSON contracts of the operator's kinds, generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(TimeConverter)])]
[JsonSerializable(typeof(KubeTemplate))]
[JsonSerializable(typeof(KubeTemplatePolicy))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(System.Text.Json.Nodes.JsonObject))]
internal sealed partial class ResourcesJson : JsonSerializerContext;
