using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Capstan.Runtime.Tests.Webhooks;

/// <summary>A kind in three versions, which say the same in different words: <see cref="ShopV2"/> is the one that the others are joined with.</summary>
internal static class Shops
{
    public const string Group = "shops.capstan.dev";
    public const string Kind = "Shop";

    /// <summary>In an annotation while an object is in a version that has no field for it.</summary>
    public const string Comment = "shops.capstan.dev/comment";

    public static ResourceType Resource(string version) => new(Group, version, Kind, "shops", Namespaced: true);

    public static void Join(ConversionBuilder conversion)
    {
        conversion.Between<ShopV1, ShopV2>(Up, Down);
        conversion.Between(
            new(Group, "v2", Kind),
            new(Group, "v3", Kind),
            two =>
            {
                two["spec"] = new System.Text.Json.Nodes.JsonObject { ["address"] = two["spec"]!.DeepClone() };
                return two;
            },
            three =>
            {
                three["spec"] = three["spec"]!["address"]!.DeepClone();
                return three;
            });
    }

    private static ShopV2 Up(ShopV1 one)
    {
        var parts = one.Spec.HostPort.Split(':');
        var annotations = one.Metadata.Annotations is { } all ? new Dictionary<string, string>(all) : [];
        annotations.Remove(Comment, out var comment);
        return new()
        {
            Metadata = one.Metadata with { Annotations = annotations.Count > 0 ? annotations : null },
            Spec = new() { Host = parts[0], Port = int.Parse(parts[1], CultureInfo.InvariantCulture), Comment = comment },
        };
    }

    private static ShopV1 Down(ShopV2 two) => new()
    {
        Metadata = two.Spec.Comment is not { } comment ? two.Metadata : two.Metadata with { Annotations = new(two.Metadata.Annotations ?? []) { [Comment] = comment } },
        Spec = new() { HostPort = string.Create(CultureInfo.InvariantCulture, $"{two.Spec.Host}:{two.Spec.Port}") },
    };
}

public sealed record ShopV1 : KubeObject, IKubeObject<ShopV1>
{
    public ShopV1Spec Spec { get; set; } = new();

    public static ResourceType Resource { get; } = Shops.Resource("v1");

    public static JsonTypeInfo<ShopV1> JsonTypeInfo => ShopJson.Default.ShopV1;
}

public sealed record ShopV1Spec
{
    public string HostPort { get; set; } = "";
}

public sealed record ShopV2 : KubeObject, IKubeObject<ShopV2>
{
    public ShopV2Spec Spec { get; set; } = new();

    public static ResourceType Resource { get; } = Shops.Resource("v2");

    public static JsonTypeInfo<ShopV2> JsonTypeInfo => ShopJson.Default.ShopV2;
}

public sealed record ShopV2Spec
{
    public string Host { get; set; } = "";

    public int Port { get; set; }

    public string? Comment { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ShopV1))]
[JsonSerializable(typeof(ShopV2))]
internal sealed partial class ShopJson : JsonSerializerContext;
