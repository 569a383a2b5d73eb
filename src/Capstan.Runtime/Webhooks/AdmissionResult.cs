using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Webhooks;

namespace Capstan;

/// <summary>A webhook's word on a request. Immutable.</summary>
public sealed record AdmissionResult
{
    private AdmissionResult()
    {
    }

    /// <summary>The request may pass as it is.</summary>
    public static AdmissionResult Allowed { get; } = new() { IsAllowed = true };

    /// <summary>Whether the request may pass.</summary>
    public bool IsAllowed { get; private init; }

    /// <summary>Why not; null when it may pass.</summary>
    public ApiStatus? Status { get; private init; }

    /// <summary>For the person who sent the request, whether or not it passes. The API server cuts those over 256 characters when they are many.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>For the audit log of the API server.</summary>
    public IReadOnlyDictionary<string, string> AuditAnnotations { get; init; } = new Dictionary<string, string>();

    /// <summary>Makes the object that is wanted of the one that came; null when nothing is to change.</summary>
    internal Func<JsonObject, JsonObject>? Change { get; private init; }

    /// <summary>The request is refused.</summary>
    /// <param name="message">For people; the API server puts the webhook's name before it.</param>
    /// <param name="code">HTTP status code for the client. Default 403.</param>
    /// <param name="reason">One of <see cref="StatusReasons"/>. Default <c>Forbidden</c>.</param>
    public static AdmissionResult Denied(string message, HttpStatusCode code = HttpStatusCode.Forbidden, string reason = StatusReasons.Forbidden) =>
        Denied(new ApiStatus { Status = "Failure", Message = message, Reason = reason, Code = (int)code });

    /// <summary>The request is refused as invalid (422), for all of these causes at once.</summary>
    /// <param name="causes">At least one; all of them are told, so that a person need not find them one after the other.</param>
    /// <param name="message">For people. Default: the causes, each behind its field, with semicolons between them.</param>
    /// <exception cref="ArgumentException">There is no cause.</exception>
    public static AdmissionResult Denied(IReadOnlyList<ApiStatusCause> causes, string? message = null)
    {
        if (causes.Count == 0)
        {
            throw new ArgumentException("a refusal needs a cause", nameof(causes));
        }

        return Denied(new ApiStatus
        {
            Status = "Failure",
            Message = message ?? string.Join("; ", causes.Select(cause => string.IsNullOrEmpty(cause.Field) ? cause.Message : $"{cause.Field}: {cause.Message}")),
            Reason = StatusReasons.Invalid,
            Code = (int)HttpStatusCode.UnprocessableEntity,
            Details = new() { Causes = causes },
        });
    }

    /// <summary>The request is refused with this status, word for word.</summary>
    public static AdmissionResult Denied(ApiStatus status) => new() { Status = status };

    /// <summary>The request may pass with this object in place of the one that came. For mutating webhooks only.</summary>
    public static AdmissionResult Changed(DynamicObject value) => new() { IsAllowed = true, Change = _ => value.ToJson() };

    /// <summary>The request may pass with what was changed in this object, compared to the one that came. For mutating webhooks only.</summary>
    /// <remarks>What <typeparamref name="T"/> does not know of the object stays as it came.</remarks>
    public static AdmissionResult Changed<T>(T value)
        where T : KubeObject, IKubeObject<T>
    {
        // As it is now: the caller may go on to change it.
        var after = JsonSerializer.SerializeToNode(value, T.JsonTypeInfo)!.AsObject();
        return new()
        {
            IsAllowed = true,
            Change = came => CarriedChange.Apply(came, JsonSerializer.SerializeToNode(DynamicObject.From(came).To<T>(), T.JsonTypeInfo)!.AsObject(), after),
        };
    }
}
