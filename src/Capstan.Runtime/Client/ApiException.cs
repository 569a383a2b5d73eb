using System.Net;
using System.Text.Json;

namespace Capstan;

/// <summary>The server answered a request with an error.</summary>
/// <remarks>The message names the verb, the object and what the server said. Failures to reach the server are <see cref="HttpRequestException"/>.</remarks>
public sealed class ApiException : Exception
{
    /// <summary>An error as the server told it.</summary>
    /// <param name="status">What it answered.</param>
    /// <param name="request">Verb and object, for people, for example <c>GET configmaps default/settings</c>.</param>
    /// <param name="retryAfter">What the header <c>Retry-After</c> says; else that of the status' details is taken.</param>
    public ApiException(ApiStatus status, string request, TimeSpan? retryAfter = null)
        : base($"{request}: {Describe(status)}")
    {
        Status = status;
        RetryAfter = retryAfter ?? (status.Details?.RetryAfterSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null);
    }

    /// <summary>The whole answer.</summary>
    public ApiStatus Status { get; }

    /// <summary>HTTP status code.</summary>
    public int Code => Status.Code ?? 0;

    /// <summary>One of <see cref="StatusReasons"/>; empty if the server gave none.</summary>
    public string Reason => Status.Reason ?? "";

    /// <summary>How long the server asks to wait before another try; null if it does not ask.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>There is no such object, or no such kind.</summary>
    public bool IsNotFound => Is(StatusReasons.NotFound, HttpStatusCode.NotFound);

    /// <summary>An object of that name is there already.</summary>
    public bool IsAlreadyExists => Reason == StatusReasons.AlreadyExists;

    /// <summary>The object changed in between (its resourceVersion or uid is another), or another field manager owns a field.</summary>
    public bool IsConflict => Reason == StatusReasons.Conflict || (Reason.Length == 0 && Code == (int)HttpStatusCode.Conflict);

    /// <summary>The object breaks a rule of its schema or an admission rule; <see cref="ApiStatus.Details"/> has the causes.</summary>
    public bool IsInvalid => Is(StatusReasons.Invalid, HttpStatusCode.UnprocessableEntity);

    /// <summary>The request makes no sense to the server.</summary>
    public bool IsBadRequest => Is(StatusReasons.BadRequest, HttpStatusCode.BadRequest);

    /// <summary>These credentials may not do this.</summary>
    public bool IsForbidden => Is(StatusReasons.Forbidden, HttpStatusCode.Forbidden);

    /// <summary>The server does not know these credentials.</summary>
    public bool IsUnauthorized => Is(StatusReasons.Unauthorized, HttpStatusCode.Unauthorized);

    /// <summary>The resourceVersion or continue token is too old to be served: list again.</summary>
    public bool IsExpired => Reason is StatusReasons.Expired or StatusReasons.Gone || Code == (int)HttpStatusCode.Gone;

    /// <summary>The server has not yet seen the resourceVersion that was asked for ("Too large resource version").</summary>
    public bool IsTooLargeResourceVersion =>
        (Reason is StatusReasons.Timeout or StatusReasons.ServerTimeout || Code == (int)HttpStatusCode.GatewayTimeout)
        && (Status.Details?.Causes?.Any(c => c.Reason == "ResourceVersionTooLarge") == true
            || Status.Message?.Contains("Too large resource version", StringComparison.Ordinal) == true);

    /// <summary>The server protects itself: slow down.</summary>
    public bool IsTooManyRequests => Is(StatusReasons.TooManyRequests, HttpStatusCode.TooManyRequests);

    /// <summary>The body is larger than the server takes.</summary>
    public bool IsRequestEntityTooLarge => Is(StatusReasons.RequestEntityTooLarge, HttpStatusCode.RequestEntityTooLarge);

    /// <summary>The same request may work later: the server is overloaded, starting, or has an internal fault.</summary>
    public bool IsTransient => IsTooManyRequests || Code >= 500 || Reason is StatusReasons.ServerTimeout or StatusReasons.Timeout;

    /// <summary>Reads an answer that is not a success, whatever its body is.</summary>
    internal static ApiStatus ReadStatus(int code, string? reasonPhrase, ReadOnlySpan<byte> body)
    {
        try
        {
            var status = JsonSerializer.Deserialize(body, ObjectsJson.Default.ApiStatus);
            if (status is { Kind: "Status", Status: not null })
            {
                return status with { Code = status.Code ?? code };
            }
        }
        catch (JsonException)
        {
            // A proxy in between, or plain text: said as it is.
        }

        var text = System.Text.Encoding.UTF8.GetString(body[..Math.Min(body.Length, 512)]).Trim();
        return new ApiStatus { Status = "Failure", Code = code, Message = text.Length > 0 ? text : reasonPhrase };
    }

    private static string Describe(ApiStatus status) =>
        status.Message is { Length: > 0 } message ? $"{message} ({status.Code} {status.Reason})".Replace(" )", ")", StringComparison.Ordinal)
        : $"{status.Code} {status.Reason}".TrimEnd();

    private bool Is(string reason, HttpStatusCode code) => Reason == reason || (Reason.Length == 0 && Code == (int)code);
}
