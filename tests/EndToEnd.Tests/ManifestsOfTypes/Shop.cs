using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Capstan;
using Capstan.Schemas;

[assembly: Rbac("", "events", "create", "patch")]

namespace EndToEnd.Tests.ManifestsOfTypes;

/// <summary>A shop, with one of everything that a type can say. Is <b>not</b> <see cref="ShopSpec"/>.</summary>
[CustomResource(Singular = "oneshop", ShortNames = ["sh"], Categories = ["all", "trade"])]
[PrinterColumn("Size", ".spec.size", Type = "integer", Format = "int32", Description = "How big", Priority = 1)]
[SelectableField(".spec.owner")]
[Scale(".spec.size", ".status.size", LabelSelectorPath = ".status.selector")]
[Rbac<Shop>("watch", "get", "list")]
[Rbac<Shop>("patch", "update", Subresource = "status")]
[CelRule("self.metadata.name.size() < 20", Message = "too long")]
public sealed record Shop : KubeObject, IKubeObject<Shop>
{
    /// <summary>What is wanted; see <see cref="ShopSpec.Owner"/>.</summary>
    public ShopSpec Spec { get; set; } = new();

    /// <summary>What there is.</summary>
    public ShopStatus? Status { get; set; }

    public static ResourceType Resource { get; } = new("trade.example.com", "v1", "Shop", "shops", Namespaced: true);

    public static JsonTypeInfo<Shop> JsonTypeInfo => ShopJson.Default.Shop;
}

/// <summary>The older version.</summary>
[CustomResource(Storage = false, DeprecationWarning = "use v1")]
public sealed record OldShop : KubeObject, IKubeObject<OldShop>
{
    public JsonObject? Spec { get; set; }

    public static ResourceType Resource { get; } = Shop.Resource with { Version = "v1beta1" };

    public static JsonTypeInfo<OldShop> JsonTypeInfo => ShopJson.Default.OldShop;
}

[Rbac("apps", "deployments, statefulsets", "get", "patch", "create")]
[Rbac("apps", "deployments", "delete")]
[Rbac("coordination.k8s.io", "leases", "update", ResourceNames = ["shop"], OwnNamespace = true)]
[CelRule("!has(self.tags) || self.size > 0", FieldPath = ".tags", Reason = "FieldValueForbidden")]
public sealed record ShopSpec
{
    /// <summary>Who owns it.</summary>
    [Schema(MinLength = 1, MaxLength = 63, Pattern = "^[a-z]+$")]
    [CelRule("self == oldSelf", Message = "is immutable")]
    public string Owner { get; set; } = "";

    [Schema(Minimum = 0, Maximum = 10, Default = 1)]
    public int Size { get; set; }

    [Schema(Default = ShopMode.HalfOpen)]
    public ShopMode Mode { get; set; }

    [Schema(ListType = ListType.Set, MaxItems = 5)]
    [ItemSchema(MaxLength = 10)]
    public List<string>? Tags { get; set; }

    [Schema(ListType = ListType.Map, ListMapKeys = ["name"], DefaultJson = """[{"name":"front"}]""")]
    public List<ShopDoor> Doors { get; set; } = [];

    [ItemSchema(Maximum = 5, ExclusiveMaximum = true)]
    public Dictionary<string, double>? Ratings { get; set; }

    public Quantity? Stock { get; set; }

    public JsonElement? Anything { get; set; }

    [Schema(Type = "object", EmbeddedResource = true, PreserveUnknownFields = true)]
    public JsonObject? Template { get; set; }

    [Schema(Nullable = true, Format = "ipv4")]
    public string? Address { get; set; }

    public DateTimeOffset? Opened { get; set; }

    public long? Big { get; set; }

    public byte[]? Picture { get; set; }

    [JsonIgnore]
    public bool Ignored { get; set; }
}

[JsonConverter(typeof(ShopModeConverter))]
public enum ShopMode
{
    Open,
    HalfOpen,
}

public sealed class ShopModeConverter() : JsonStringEnumConverter<ShopMode>(JsonNamingPolicy.KebabCaseLower);

/// <summary>A door.</summary>
[Schema(AtomicMap = true)]
public sealed record ShopDoor
{
    public required string Name { get; set; }

    [JsonPropertyName("colour")]
    public string? Color { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; set; }
}

public sealed record ShopStatus
{
    public int? Size { get; set; }

    public string? Selector { get; set; }

    /// <summary>Open, or why not.</summary>
    public List<Condition>? Conditions { get; set; }
}

/// <summary>Contains itself.</summary>
public sealed record Nested : KubeObject, IKubeObject<Nested>
{
    public NestedPart? Spec { get; set; }

    public static ResourceType Resource { get; } = new("trade.example.com", "v1", "Nested", "nesteds", Namespaced: true);

    public static JsonTypeInfo<Nested> JsonTypeInfo => ShopJson.Default.Nested;
}

public sealed record NestedPart
{
    public List<NestedPart>? Parts { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(QuantityConverter)])]
[JsonSerializable(typeof(Shop))]
[JsonSerializable(typeof(OldShop))]
[JsonSerializable(typeof(Nested))]
internal sealed partial class ShopJson : JsonSerializerContext;
