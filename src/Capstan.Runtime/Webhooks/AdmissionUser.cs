using System.Text.Json.Serialization;

namespace Capstan;

/// <summary>Who sends a request (authentication.k8s.io/v1 UserInfo).</summary>
public sealed record AdmissionUser
{
    /// <summary>The name; empty if the review does not say.</summary>
    public string Username { get; init; } = "";

    /// <summary>Identity in time, if the authenticator knows one.</summary>
    public string? Uid { get; init; }

    /// <summary>Groups.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>What else the authenticator says.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } = new Dictionary<string, IReadOnlyList<string>>();
}

/// <summary>A plural resource in its group and version.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">API version.</param>
/// <param name="Resource">Lower-case plural.</param>
public readonly record struct GroupVersionResource(string Group, string Version, string Resource);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = false)]
[JsonSerializable(typeof(AdmissionUser))]
[JsonSerializable(typeof(GroupVersionKind))]
[JsonSerializable(typeof(GroupVersionResource))]
internal sealed partial class AdmissionJson : JsonSerializerContext;
