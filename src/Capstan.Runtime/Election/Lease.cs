using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Capstan.Election;

/// <summary>A claim that expires unless it is renewed (coordination.k8s.io/v1).</summary>
public sealed record Lease : KubeObject, IKubeObject<Lease>
{
    /// <inheritdoc/>
    public static ResourceType Resource { get; } = new("coordination.k8s.io", "v1", "Lease", "leases", Namespaced: true);

    /// <inheritdoc/>
    public static JsonTypeInfo<Lease> JsonTypeInfo => LeaseJson.Default.Lease;

    /// <summary>Who holds it, and since when; null for a Lease that was created empty.</summary>
    public LeaseSpec? Spec { get; set; }
}

/// <summary>Who holds a <see cref="Lease"/>.</summary>
public sealed record LeaseSpec
{
    /// <summary>The holder; null or empty when there is none.</summary>
    public string? HolderIdentity { get; init; }

    /// <summary>Seconds that others wait after the last change that they saw before they take the lease.</summary>
    public int? LeaseDurationSeconds { get; init; }

    /// <summary>When the holder took it.</summary>
    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? AcquireTime { get; init; }

    /// <summary>When the holder renewed it last, by the holder's clock: for people, never compared with another clock.</summary>
    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? RenewTime { get; init; }

    /// <summary>How often it has changed hands.</summary>
    public int? LeaseTransitions { get; init; }

    /// <summary>Fields that this type does not name.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Lease))]
internal sealed partial class LeaseJson : JsonSerializerContext;
