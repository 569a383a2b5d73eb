using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Capstan.Runtime.Tests;

/// <summary>A typed kind as users write them.</summary>
public sealed record ConfigMap : KubeObject, IKubeObject<ConfigMap>
{
    public Dictionary<string, string>? Data { get; set; }

    public static ResourceType Resource { get; } = new("", "v1", "ConfigMap", "configmaps", true);

    public static JsonTypeInfo<ConfigMap> JsonTypeInfo => TestJson.Default.ConfigMap;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ConfigMap))]
internal sealed partial class TestJson : JsonSerializerContext;
