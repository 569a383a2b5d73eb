using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Capstan.Applying;

/// <summary>Something that happened to an object, for people (events.k8s.io/v1 Event).</summary>
public sealed record KubeEvent : KubeObject, IKubeObject<KubeEvent>
{
    /// <inheritdoc/>
    public static ResourceType Resource { get; } = new("events.k8s.io", "v1", "Event", "events", Namespaced: true);

    /// <inheritdoc/>
    public static JsonTypeInfo<KubeEvent> JsonTypeInfo => EventJson.Default.KubeEvent;

    /// <summary>When it happened first. Six fractional digits: others are refused.</summary>
    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? EventTime { get; init; }

    /// <summary>How often it has happened since; null when once.</summary>
    public EventSeries? Series { get; init; }

    /// <summary>Who says so, for example <c>kubetemplater</c>.</summary>
    public string? ReportingController { get; init; }

    /// <summary>Which replica of it.</summary>
    public string? ReportingInstance { get; init; }

    /// <summary>What was being done, one word, for example <c>Applying</c>.</summary>
    public string? Action { get; init; }

    /// <summary>Why, one CamelCase word.</summary>
    public string? Reason { get; init; }

    /// <summary>The object that it is about.</summary>
    public ObjectReference? Regarding { get; init; }

    /// <summary>Sentence for people, at most 1 kB.</summary>
    public string? Note { get; init; }

    /// <summary><c>Normal</c> or <c>Warning</c>.</summary>
    public string? Type { get; init; }
}

/// <summary>Repetitions of an event.</summary>
public sealed record EventSeries
{
    /// <summary>Occurrences, the first one included.</summary>
    public int Count { get; init; }

    /// <summary>When it happened last.</summary>
    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset LastObservedTime { get; init; }
}

/// <summary>A reference to any object (v1 ObjectReference).</summary>
public sealed record ObjectReference
{
    /// <summary>The object's apiVersion.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>The object's kind.</summary>
    public string? Kind { get; init; }

    /// <summary>The object's namespace; null when cluster-scoped.</summary>
    public string? Namespace { get; init; }

    /// <summary>The object's name.</summary>
    public string? Name { get; init; }

    /// <summary>The object's uid.</summary>
    public string? Uid { get; init; }

    /// <summary>The object's resourceVersion when it was referred to.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Refers to a typed object.</summary>
    public static ObjectReference To<T>(T value)
        where T : KubeObject, IKubeObject<T> => new()
        {
            ApiVersion = T.Resource.ApiVersion,
            Kind = T.Resource.Kind,
            Namespace = value.Metadata.Namespace,
            Name = value.Metadata.Name,
            Uid = value.Metadata.Uid,
            ResourceVersion = value.Metadata.ResourceVersion,
        };

    /// <summary>Refers to an object of any kind.</summary>
    public static ObjectReference To(DynamicObject value) => new()
    {
        ApiVersion = value.ApiVersion,
        Kind = value.Kind,
        Namespace = value.Key.Namespace.Length == 0 ? null : value.Key.Namespace,
        Name = value.Key.Name,
        Uid = value.Uid,
        ResourceVersion = value.ResourceVersion,
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KubeEvent))]
internal sealed partial class EventJson : JsonSerializerContext;
