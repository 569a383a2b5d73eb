using System.Text.Json;
using System.Text.Json.Serialization;

namespace Capstan;

/// <summary>An object's metadata. Fields unknown here survive a round trip in <see cref="UnknownFields"/>.</summary>
/// <remarks>Source: apimachinery <c>meta/v1</c> ObjectMeta. Not thread-safe while being changed.</remarks>
public sealed record ObjectMeta
{
    /// <summary>Name, unique among the kind's objects in the namespace.</summary>
    public string? Name { get; set; }

    /// <summary>Prefix from which the server makes a name on create.</summary>
    public string? GenerateName { get; set; }

    /// <summary>Namespace; null for cluster-scoped kinds.</summary>
    public string? Namespace { get; set; }

    /// <summary>Identity in time: another object of the same name has another uid.</summary>
    public string? Uid { get; set; }

    /// <summary>Version of the stored object; opaque but for comparison within one kind (KEP-5504).</summary>
    public string? ResourceVersion { get; set; }

    /// <summary>Grows with each change of desired state.</summary>
    public long? Generation { get; set; }

    /// <summary>When the server stored the object first.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? CreationTimestamp { get; set; }

    /// <summary>When deletion was asked for; set only while finalizers or a grace period hold the object.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? DeletionTimestamp { get; set; }

    /// <summary>Seconds allowed for a graceful end.</summary>
    public long? DeletionGracePeriodSeconds { get; set; }

    /// <summary>Labels.</summary>
    public Dictionary<string, string>? Labels { get; set; }

    /// <summary>Annotations.</summary>
    public Dictionary<string, string>? Annotations { get; set; }

    /// <summary>Owners: when all are gone the garbage collector deletes this object.</summary>
    public List<OwnerReference>? OwnerReferences { get; set; }

    /// <summary>Names that must be removed before a deleted object goes.</summary>
    public List<string>? Finalizers { get; set; }

    /// <summary>Fields that this type does not name, <c>managedFields</c> among them.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

/// <summary>A reference to an owner in the same namespace, or cluster-scoped.</summary>
public sealed record OwnerReference
{
    /// <summary>Owner's apiVersion.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>Owner's kind.</summary>
    public required string Kind { get; init; }

    /// <summary>Owner's name.</summary>
    public required string Name { get; init; }

    /// <summary>Owner's uid: a new owner of the same name is another one.</summary>
    public required string Uid { get; init; }

    /// <summary>Whether this is the managing controller; at most one may be.</summary>
    public bool? Controller { get; init; }

    /// <summary>Whether foreground deletion of the owner waits for this object.</summary>
    public bool? BlockOwnerDeletion { get; init; }
}

/// <summary>One observation about an object's state (KEP-1623).</summary>
public sealed record Condition
{
    /// <summary>What is observed, for example <c>Ready</c>.</summary>
    [Schema(MaxLength = 316, Pattern = @"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$")]
    public required string Type { get; init; }

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    [Schema(Enum = ["True", "False", "Unknown"])]
    public required string Status { get; init; }

    /// <summary>Generation that was observed.</summary>
    [Schema(Minimum = 0)]
    public long? ObservedGeneration { get; init; }

    /// <summary>When <see cref="Status"/> last changed, in whole seconds.</summary>
    [JsonConverter(typeof(TimeConverter))]
    [Schema(Required = true)]
    public DateTimeOffset? LastTransitionTime { get; init; }

    /// <summary>CamelCase word for machines.</summary>
    [Schema(MinLength = 1, MaxLength = 1024, Pattern = "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")]
    public string Reason { get; init; } = "";

    /// <summary>Sentence for people.</summary>
    [Schema(MaxLength = 32768)]
    public string Message { get; init; } = "";
}
