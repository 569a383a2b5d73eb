using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Capstan;

namespace Databases.Desired;

/// <summary>What applications log in with.</summary>
/// <param name="Password">The password. The Secret has the truth: PostgreSQL is brought in line with it.</param>
/// <param name="SetAt">When it was made, in whole seconds.</param>
/// <param name="RotatedFor">Value of the annotation that asked for it; empty when none did.</param>
internal sealed record Credentials(string Password, DateTimeOffset SetAt, string RotatedFor)
{
    public const string SetAtAnnotation = "database.example.com/password-set-at";
    public const string RotatedForAnnotation = "database.example.com/password-rotated-for";

    /// <summary>A password that nobody has seen: 192 bits, in characters that need no quoting anywhere.</summary>
    public static string NewPassword() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(24)).Replace('+', '-').Replace('/', '_');

    /// <summary>What a Secret says; null when it has no password.</summary>
    public static Credentials? Read(DynamicObject? secret) =>
        secret is not null && Value(secret, "password") is { Length: > 0 } password
            ? new(
                password,
                secret.Annotations.TryGetValue(SetAtAnnotation, out var text) && KubeTime.TryParse(text, out var setAt) ? setAt : DateTimeOffset.UnixEpoch,
                secret.Annotations.GetValueOrDefault(RotatedForAnnotation, ""))
            : null;

    /// <summary>One value of a Secret; null when it has none that is text.</summary>
    public static string? Value(DynamicObject secret, string key)
    {
        try
        {
            return (string?)(secret.ToJson()["data"] as JsonObject)?[key] is { } base64 ? Encoding.UTF8.GetString(Convert.FromBase64String(base64)) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>Data of a Secret.</summary>
    public static JsonObject Data(params IEnumerable<(string Key, string Value)> values) =>
        new([.. values.Select(one => KeyValuePair.Create(one.Key, (JsonNode?)Convert.ToBase64String(Encoding.UTF8.GetBytes(one.Value))))]);
}
