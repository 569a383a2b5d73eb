using System.Text.Json;
using System.Text.Json.Serialization;

namespace Capstan;

/// <summary>What an API server answers when it has no object to answer with: every error, and some deletions (meta/v1 Status).</summary>
public sealed record ApiStatus
{
    /// <summary>Always <c>v1</c>.</summary>
    public string ApiVersion { get; init; } = "v1";

    /// <summary>Always <c>Status</c>.</summary>
    public string Kind { get; init; } = "Status";

    /// <summary>List metadata; empty but for <c>continue</c> of an expired list.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary><c>Success</c> or <c>Failure</c>.</summary>
    public string? Status { get; init; }

    /// <summary>For people.</summary>
    public string? Message { get; init; }

    /// <summary>For machines: one of <see cref="StatusReasons"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>Kind, name and causes.</summary>
    public ApiStatusDetails? Details { get; init; }

    /// <summary>HTTP status code.</summary>
    public int? Code { get; init; }
}

/// <summary>What a status is about, and why.</summary>
public sealed record ApiStatusDetails
{
    /// <summary>Name of the object.</summary>
    public string? Name { get; init; }

    /// <summary>Its group.</summary>
    public string? Group { get; init; }

    /// <summary>Its kind, or for some errors its plural resource.</summary>
    public string? Kind { get; init; }

    /// <summary>Its uid.</summary>
    public string? Uid { get; init; }

    /// <summary>One entry per fault.</summary>
    public IReadOnlyList<ApiStatusCause>? Causes { get; init; }

    /// <summary>Seconds to wait before trying again.</summary>
    public int? RetryAfterSeconds { get; init; }
}

/// <summary>One fault.</summary>
public sealed record ApiStatusCause
{
    /// <summary>For machines, for example <c>FieldValueRequired</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>For people.</summary>
    public string? Message { get; init; }

    /// <summary>JSON path of the field, for example <c>spec.replicas</c>.</summary>
    public string? Field { get; init; }
}

/// <summary>Reasons of <see cref="ApiStatus"/> (apimachinery meta/v1 StatusReason).</summary>
public static class StatusReasons
{
#pragma warning disable CS1591 // each is its own meaning
    public const string BadRequest = "BadRequest";
    public const string Unauthorized = "Unauthorized";
    public const string Forbidden = "Forbidden";
    public const string NotFound = "NotFound";
    public const string MethodNotAllowed = "MethodNotAllowed";
    public const string NotAcceptable = "NotAcceptable";
    public const string AlreadyExists = "AlreadyExists";
    public const string Conflict = "Conflict";
    public const string Gone = "Gone";
    public const string Expired = "Expired";
    public const string RequestEntityTooLarge = "RequestEntityTooLarge";
    public const string UnsupportedMediaType = "UnsupportedMediaType";
    public const string Invalid = "Invalid";
    public const string TooManyRequests = "TooManyRequests";
    public const string InternalError = "InternalError";
    public const string Timeout = "Timeout";
    public const string ServerTimeout = "ServerTimeout";
    public const string ServiceUnavailable = "ServiceUnavailable";
#pragma warning restore CS1591
}

/// <summary>JSON contracts of the types of this assembly.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApiStatus))]
[JsonSerializable(typeof(ObjectMeta))]
[JsonSerializable(typeof(OwnerReference))]
[JsonSerializable(typeof(Condition))]
public sealed partial class ObjectsJson : JsonSerializerContext;
