using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Capstan;

/// <summary>Base of typed objects. A type that derives from it and implements <see cref="IKubeObject{TSelf}"/> can be read, watched and written by the client.</summary>
/// <remarks>Fields that the type does not know are kept in <see cref="UnknownFields"/>, so that reading and writing back loses nothing.</remarks>
public abstract record KubeObject
{
    /// <summary>Group and version, for example <c>apps/v1</c>.</summary>
    [JsonPropertyOrder(-3)]
    public string? ApiVersion { get; set; }

    /// <summary>Kind, for example <c>Deployment</c>.</summary>
    [JsonPropertyOrder(-2)]
    public string? Kind { get; set; }

    /// <summary>Metadata; never null.</summary>
    [JsonPropertyOrder(-1)]
    public ObjectMeta Metadata { get; set; } = new();

    /// <summary>Top-level fields that this type does not name.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }

    /// <summary>Namespace and name of <see cref="Metadata"/>.</summary>
    [JsonIgnore]
    public ObjectKey Key => new(Metadata.Namespace ?? "", Metadata.Name ?? "");
}

/// <summary>What the runtime must know of a typed kind: where it is served and how it is written as JSON, without reflection.</summary>
/// <typeparam name="TSelf">The kind itself.</typeparam>
public interface IKubeObject<TSelf>
    where TSelf : KubeObject, IKubeObject<TSelf>
{
    /// <summary>Where the kind is served.</summary>
    static abstract ResourceType Resource { get; }

    /// <summary>Source-generated JSON contract; camelCase, nulls omitted.</summary>
    static abstract JsonTypeInfo<TSelf> JsonTypeInfo { get; }
}
