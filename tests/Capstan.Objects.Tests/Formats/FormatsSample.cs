using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Capstan.Objects.Tests.Formats;

/// <summary>A kind with a field of each format that peers got wrong.</summary>
public sealed record FormatsSample : KubeObject, IKubeObject<FormatsSample>
{
    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? Time { get; set; }

    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? MicroTime { get; set; }

    public Quantity? Amount { get; set; }

    public IntOrString? Port { get; set; }

    public long? Big { get; set; }

    public int? Zero { get; set; }

    public byte[]? Bytes { get; set; }

    public static ResourceType Resource { get; } = new("example.com", "v1", "Sample", "samples", true);

    public static JsonTypeInfo<FormatsSample> JsonTypeInfo => FormatsJson.Default.FormatsSample;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FormatsSample))]
internal sealed partial class FormatsJson : JsonSerializerContext;
