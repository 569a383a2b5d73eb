using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Capstan.Webhooks;

/// <summary>From the body of a request to the body of its answer. Whatever is wrong with the one, or goes wrong in the handler, the other is a review.</summary>
internal sealed class AdmissionJudge(WebhookInstruments instruments, TimeProvider time, ILogger logger)
{
    private static readonly byte[] DefaultVersion = "\"admission.k8s.io/v1\""u8.ToArray();

    /// <summary>Answers that nothing could be read, without a uid.</summary>
    public static void Refuse(HttpStatusCode code, string message, IBufferWriter<byte> answer) =>
        ReviewAnswer.Write(answer, DefaultVersion, default, AdmissionResult.Denied(message, code, ReasonOf(code)), null);

    /// <param name="webhook">The webhook that was asked.</param>
    /// <param name="body">The AdmissionReview; the request keeps parts of it.</param>
    /// <param name="timeout">How long the API server waits.</param>
    /// <param name="answer">Takes the AdmissionReview to send back.</param>
    /// <param name="cancellationToken">Cancelled when the API server has left.</param>
    public async ValueTask AnswerAsync(AdmissionWebhook webhook, ReadOnlyMemory<byte> body, TimeSpan timeout, IBufferWriter<byte> answer, CancellationToken cancellationToken)
    {
        ReviewSlices slices;
        try
        {
            slices = ReviewSlices.Read(body.Span);
        }
        catch (JsonException error)
        {
            Refuse(HttpStatusCode.BadRequest, $"the body is no AdmissionReview: {error.Message}", answer);
            return;
        }

        var (result, patch) = Fault(slices, body.Span, out var operation) is { } fault
            ? (AdmissionResult.Denied(fault, HttpStatusCode.BadRequest, StatusReasons.BadRequest), null)
            : await JudgeAsync(webhook, new AdmissionRequest(body, slices, operation), timeout, cancellationToken);
        var version = IsKnown(slices.ApiVersion, body.Span) ? Of(slices.ApiVersion, body.Span) : DefaultVersion;
        ReviewAnswer.Write(answer, version, IsText(slices.Uid, body.Span) ? Of(slices.Uid, body.Span) : default, result, patch);
    }

    private async ValueTask<(AdmissionResult Result, JsonArray? Patch)> JudgeAsync(
        AdmissionWebhook webhook, AdmissionRequest request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(WebhookTimeout.PatienceOf(timeout), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var judging = webhook.Handler(request, either.Token);
            var result = judging.IsCompletedSuccessfully ? judging.Result : await Watched(judging.AsTask(), webhook).WaitAsync(either.Token);
            return !webhook.IsMutating && result.Change is not null
                ? throw new UnreachableException("a validating webhook answered with a changed object")
                : (result, ReviewAnswer.PatchOf(request, result));
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            Log.AdmissionTimedOut(logger, webhook.Path, timeout);
            return (AdmissionResult.Denied($"the webhook did not decide within {timeout.TotalSeconds:0.###} s", HttpStatusCode.GatewayTimeout, StatusReasons.Timeout), null);
        }
        catch (JsonException error)
        {
            // The object is not what its type can hold, and is decoded only now.
            return (AdmissionResult.Denied(error.Message, HttpStatusCode.BadRequest, StatusReasons.BadRequest), null);
        }
        catch (ApiException error)
        {
            Log.AdmissionFailed(logger, webhook.Path, error);
            return (AdmissionResult.Denied(error.Message, (HttpStatusCode)error.Code, error.Reason), null);
        }
        catch (Exception error)
        {
            // Whatever it is, it is this request's alone: the webhook goes on.
            instruments.Panicked();
            Log.AdmissionPanicked(logger, webhook.Path, error);
            return (AdmissionResult.Denied($"the webhook failed: {error.Message}", HttpStatusCode.InternalServerError, StatusReasons.InternalError), null);
        }
    }

    /// <summary>A handler that goes on after its deadline is left behind; how it ends is still told.</summary>
    private async Task<AdmissionResult> Watched(Task<AdmissionResult> judging, AdmissionWebhook webhook)
    {
        _ = judging.ContinueWith(
            (ended, _) => Log.AdmissionEndedLate(logger, webhook.Path, ended.Exception!.GetBaseException()),
            null, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return await judging;
    }

    /// <summary>Why this is no question that can be answered; null when it is one.</summary>
    private static string? Fault(in ReviewSlices slices, ReadOnlySpan<byte> body, out AdmissionOperation operation)
    {
        operation = default;
        return !slices.IsReview ? "the body is no AdmissionReview"
            : !IsKnown(slices.ApiVersion, body) ? "the AdmissionReview is of no version that is known here (admission.k8s.io/v1, admission.k8s.io/v1beta1)"
            : !slices.HasRequest ? "the AdmissionReview has no request"
            : !IsText(slices.Uid, body) || slices.Uid.Length == 2 ? "the request has no uid"
            : !TryReadOperation(Of(slices.Operation, body), out operation) ? "the request's operation is none of CREATE, UPDATE, DELETE and CONNECT"
            : FirstUnreadable(slices, body) is { } field ? $"the request's {field} is no object"
            : null;
    }

    private static string? FirstUnreadable(in ReviewSlices slices, ReadOnlySpan<byte> body) =>
        !IsObjectOrNone(slices.Object, body) ? "object"
        : !IsObjectOrNone(slices.OldObject, body) ? "oldObject"
        : !IsObjectOrNone(slices.UserInfo, body) ? "userInfo"
        : !IsObjectOrNone(slices.RequestOptions, body) ? "options"
        : null;

    private static bool TryReadOperation(ReadOnlySpan<byte> text, out AdmissionOperation operation)
    {
        (operation, var known) = text switch
        {
            _ when text.SequenceEqual("\"CREATE\""u8) => (AdmissionOperation.Create, true),
            _ when text.SequenceEqual("\"UPDATE\""u8) => (AdmissionOperation.Update, true),
            _ when text.SequenceEqual("\"DELETE\""u8) => (AdmissionOperation.Delete, true),
            _ when text.SequenceEqual("\"CONNECT\""u8) => (AdmissionOperation.Connect, true),
            _ => (default, false),
        };
        return known;
    }

    private static bool IsKnown(ReviewSlices.Slice version, ReadOnlySpan<byte> body) =>
        Of(version, body) is var text && (text.SequenceEqual("\"admission.k8s.io/v1\""u8) || text.SequenceEqual("\"admission.k8s.io/v1beta1\""u8));

    private static bool IsText(ReviewSlices.Slice slice, ReadOnlySpan<byte> body) => slice.Length >= 2 && body[slice.Start] == '"';

    private static bool IsObjectOrNone(ReviewSlices.Slice slice, ReadOnlySpan<byte> body) => slice.Length == 0 || body[slice.Start] == '{';

    private static ReadOnlySpan<byte> Of(ReviewSlices.Slice slice, ReadOnlySpan<byte> body) => body.Slice(slice.Start, slice.Length);

    private static string ReasonOf(HttpStatusCode code) => code switch
    {
        HttpStatusCode.RequestEntityTooLarge => StatusReasons.RequestEntityTooLarge,
        HttpStatusCode.UnsupportedMediaType => StatusReasons.UnsupportedMediaType,
        _ => StatusReasons.BadRequest,
    };
}
