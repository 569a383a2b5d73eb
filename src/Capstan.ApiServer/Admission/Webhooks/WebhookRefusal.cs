using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;
using Capstan.Schemas;

namespace Capstan.ApiServer.Admission.Webhooks;

/// <summary>What a client is told when a webhook has not let its request pass.</summary>
internal static class WebhookRefusal
{
    /// <summary>The webhook's own Status, made to be a failure, with its name before the message.</summary>
    public static ApiError Denied(string webhook, JsonObject? status)
    {
        var message = status.Text("message") is { Length: > 0 } m ? m : null;
        var reason = status.Text("reason") is { Length: > 0 } r ? r : null;
        var code = status.Number("code") ?? 0;
        var denied = $"admission webhook {GoFormat.Quote(webhook)} denied the request";
        return new ApiError(new ApiStatus
        {
            Status = status.Text("status") is { Length: > 0 } s and not "Success" ? s : "Failure",
            Message = (message ?? reason) is { } why ? $"{denied}: {why}" : $"{denied} without explanation",
            Reason = reason,
            Details = Details(status.Map("details")),

            // What is no code of HTTP cannot be sent.
            Code = code < 400 ? 400 : code > 999 ? 500 : (int)code,
        });
    }

    /// <summary>A webhook could not be asked.</summary>
    public static ApiError Failed(string webhook, WebhookFailure failure) =>
        ApiError.Internal($"failed calling webhook {GoFormat.Quote(webhook)}: {failure.Message}");

    /// <summary>A dry run may not ask this webhook.</summary>
    public static ApiError NoDryRun(string webhook) => ApiError.BadRequest($"admission webhook {GoFormat.Quote(webhook)} does not support dry run");

    /// <summary>Time is over for the whole request.</summary>
    public static ApiError TimedOut() => ApiError.Of(504, StatusReasons.Timeout, "Timeout: request did not complete within requested timeout", new ApiStatusDetails());

    private static ApiStatusDetails? Details(JsonObject? details) => details is null ? null : new()
    {
        Name = details.Text("name"),
        Group = details.Text("group"),
        Kind = details.Text("kind"),
        Uid = details.Text("uid"),
        RetryAfterSeconds = details.Number("retryAfterSeconds") is > 0 and <= int.MaxValue and var seconds ? (int)seconds : null,
        Causes = details.Items("causes") is { Count: > 0 } causes
            ? [.. causes.Select(cause => new ApiStatusCause { Reason = cause.Text("reason"), Message = cause.Text("message"), Field = cause.Text("field") })]
            : null,
    };
}
