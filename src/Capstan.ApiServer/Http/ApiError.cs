using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Http;

/// <summary>A request that ends in a Status other than success, worded as Kubernetes words it.</summary>
internal sealed class ApiError(ApiStatus status) : Exception(status.Message)
{
    public ApiStatus Status { get; } = status;

    /// <summary>Text of a <c>Retry-After</c> header, in seconds; null when there is none.</summary>
    public int? RetryAfterSeconds => Status.Details?.RetryAfterSeconds;

    public static ApiError BadRequest(string message) => Of(400, StatusReasons.BadRequest, message);

    public static ApiError Unauthorized() => Of(401, StatusReasons.Unauthorized, "Unauthorized");

    public static ApiError Forbidden(GroupResource resource, string? name, string why, params ApiStatusCause[] causes)
    {
        var what = string.IsNullOrEmpty(name) ? $"{resource} is forbidden: {why}" : $"{resource} {GoFormat.Quote(name)} is forbidden: {why}";
        return Of(403, StatusReasons.Forbidden, what, Details(resource, name) with { Causes = causes.Length == 0 ? null : causes });
    }

    public static ApiError Forbidden(string message) => Of(403, StatusReasons.Forbidden, message, new ApiStatusDetails());

    public static ApiError NotFound(GroupResource resource, string name) =>
        Of(404, StatusReasons.NotFound, $"{resource} {GoFormat.Quote(name)} not found", Details(resource, name));

    public static ApiError NoSuchResource() => Of(404, StatusReasons.NotFound, "the server could not find the requested resource", new ApiStatusDetails());

    public static ApiError MethodNotAllowed() =>
        Of(405, StatusReasons.MethodNotAllowed, "the server does not allow this method on the requested resource", new ApiStatusDetails());

    /// <summary>A verb that a subresource of custom resources does not have.</summary>
    public static ApiError NotSupported(GroupResource resource, string verb) =>
        Of(405, StatusReasons.MethodNotAllowed, $"{verb} is not supported on resources of kind {GoFormat.Quote(resource.ToString())}", Details(resource, null));

    public static ApiError AlreadyExists(GroupResource resource, string name, string prefix = "") =>
        Of(409, StatusReasons.AlreadyExists, $"{prefix}{resource} {GoFormat.Quote(name)} already exists", Details(resource, name));

    public static ApiError Conflict(GroupResource resource, string name, string why) =>
        Of(409, StatusReasons.Conflict, $"Operation cannot be fulfilled on {resource} {GoFormat.Quote(name)}: {why}", Details(resource, name));

    public static ApiError Modified(GroupResource resource, string name) =>
        Conflict(resource, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiError Expired(string message) => Of(410, StatusReasons.Expired, message);

    /// <summary>A page of a list whose revision is no longer kept; the client may go on with another token, at the price of a list of two moments.</summary>
    public static ApiError PageExpired(string token)
    {
        var expired = Expired(
            "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, " +
            "or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an " +
            "inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.");
        using var metadata = JsonDocument.Parse(ObjectBytes.Of(new JsonObject { ["continue"] = token }));
        return new(expired.Status with { Metadata = metadata.RootElement.Clone() });
    }

    /// <summary>A watch from a revision whose successors are no longer kept.</summary>
    public static ApiError TooOld(long asked, long oldest) =>
        Expired($"too old resource version: {asked.ToString(CultureInfo.InvariantCulture)} ({oldest.ToString(CultureInfo.InvariantCulture)})");

    public static ApiError TooLarge(string message) => Of(413, StatusReasons.RequestEntityTooLarge, message);

    /// <summary>A resourceVersion that this server has not reached.</summary>
    public static ApiError VersionTooLarge(long asked, long current) => Of(
        504,
        StatusReasons.Timeout,
        $"Timeout: Too large resource version: {asked.ToString(CultureInfo.InvariantCulture)}, current: {current.ToString(CultureInfo.InvariantCulture)}",
        new ApiStatusDetails
        {
            Causes = [new ApiStatusCause { Reason = "ResourceVersionTooLarge", Message = "Too large resource version" }],
            RetryAfterSeconds = 1,
        });

    /// <summary>A write that could not be stored, and was not.</summary>
    public static ApiError Unavailable(string message) => Of(503, StatusReasons.ServiceUnavailable, message, new ApiStatusDetails { RetryAfterSeconds = 1 });

    /// <summary>A fault of the request that Kubernetes reports as one of the server, without a reason.</summary>
    public static ApiError Unknown(string message) => new(new ApiStatus { Status = "Failure", Message = message, Code = 500 });

    public static ApiError Internal(string message) => Of(
        500,
        StatusReasons.InternalError,
        $"Internal error occurred: {message}",
        new ApiStatusDetails { Causes = [new ApiStatusCause { Message = message }] });

    /// <summary>An object, or options, with faulty fields.</summary>
    public static ApiError Invalid(string group, string kind, string? name, IReadOnlyCollection<FieldError> errors)
    {
        var texts = errors.Select(e => e.ToString()).Distinct().ToList();
        var all = texts.Count == 1 ? texts[0] : $"[{string.Join(", ", texts)}]";
        return Of(
            422,
            StatusReasons.Invalid,
            $"{new GroupResource(group, kind)} {GoFormat.Quote(name ?? "")} is invalid: {all}",
            new ApiStatusDetails
            {
                Name = string.IsNullOrEmpty(name) ? null : name,
                Group = group.Length == 0 ? null : group,
                Kind = kind.Length == 0 ? null : kind,
                Causes = [.. errors.Select(e => new ApiStatusCause { Reason = e.Reason, Message = e.Message, Field = e.Field })],
            });
    }

    public static ApiError NotAcceptable(string message, ApiStatusDetails? details = null) => Of(406, StatusReasons.NotAcceptable, message, details);

    public static ApiError UnsupportedMediaType(string message, ApiStatusDetails? details = null) =>
        Of(415, StatusReasons.UnsupportedMediaType, message, details);

    public static ApiError Of(int code, string reason, string message, ApiStatusDetails? details = null) =>
        new(new ApiStatus { Status = "Failure", Message = message, Reason = reason, Details = details, Code = code });

    private static ApiStatusDetails Details(GroupResource resource, string? name) => new()
    {
        Name = string.IsNullOrEmpty(name) ? null : name,
        Group = resource.Group.Length == 0 ? null : resource.Group,
        Kind = resource.Resource,
    };
}
