using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using Capstan.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Capstan.Webhooks;

/// <summary>Answers the HTTP requests that API servers send to webhooks. Thread-safe.</summary>
internal sealed class WebhookServer
{
    private readonly FrozenDictionary<string, Webhook> _webhooks;
    private readonly WebhookInstruments _instruments;
    private readonly CacheGate _caches;
    private readonly AdmissionJudge _admission;
    private readonly ConversionJudge _conversion;
    private readonly WebhookOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public WebhookServer(IReadOnlyCollection<Webhook> webhooks, CacheGate caches, WebhookInstruments instruments, WebhookOptions options, TimeProvider time, ILogger logger)
    {
        _webhooks = webhooks.ToFrozenDictionary(webhook => webhook.Path, StringComparer.Ordinal);
        _instruments = instruments;
        _caches = caches;
        _admission = new(instruments, time, logger);
        _conversion = new(instruments, logger);
        _options = options;
        _time = time;
        _logger = logger;
    }

    public async Task ServeAsync(HttpContext context)
    {
        if (!_webhooks.TryGetValue(context.Request.Path.Value ?? "", out var webhook))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        using var span = Tracing.Admission(webhook.Path, context.Request.Headers["traceparent"]);
        var startedAt = _time.GetTimestamp();
        _instruments.Started(webhook.Path);
        try
        {
            await (webhook is AdmissionWebhook admission ? AdmitAsync(context, admission, startedAt) : ConvertAsync(context, (ConversionWebhook)webhook));
        }
        catch (Exception error) when (context.RequestAborted.IsCancellationRequested || error is BadHttpRequestException or IOException)
        {
            // Whoever asked has left: there is nobody to answer.
            Log.AdmissionAbandoned(_logger, webhook.Path, error.Message);
        }
        finally
        {
            _instruments.Ended(webhook.Path, context.Response.StatusCode.ToString(CultureInfo.InvariantCulture), _time.GetElapsedTime(startedAt));
        }
    }

    private async Task AdmitAsync(HttpContext context, AdmissionWebhook webhook, long startedAt)
    {
        // The handler may read any of the caches, and would judge wrongly by ones that are not complete. With no answer the failurePolicy decides.
        var timeout = WebhookTimeout.Read(context.Request.Query["timeout"]);
        if (webhook.NeedsCaches && await _caches.WaitAsync(WebhookTimeout.PatienceOf(timeout), context.RequestAborted) is { } missing)
        {
            Log.AdmissionTooEarly(_logger, webhook.Path, missing);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsync($"the webhook cannot judge yet, its caches are not complete: {missing}\n", context.RequestAborted);
            return;
        }

        var answer = new ArrayBufferWriter<byte>(512);
        var (body, fault) = await ReadAsync(context.Request, _options.MaxBodyBytes, context.RequestAborted);
        if (fault is { } refused)
        {
            AdmissionJudge.Refuse(refused.Code, refused.Message, answer);
        }
        else
        {
            // One whose body took all of the time is answered all the same: that the API server has left is not ours to guess.
            var left = timeout - _time.GetElapsedTime(startedAt);
            await _admission.AnswerAsync(webhook, body, left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1), answer, context.RequestAborted);
        }

        await SendAsync(context, answer);
    }

    private async Task ConvertAsync(HttpContext context, ConversionWebhook webhook)
    {
        var answer = new ArrayBufferWriter<byte>(4096);
        var (body, fault) = await ReadAsync(context.Request, _options.MaxConversionBodyBytes, context.RequestAborted);
        if (fault is { } refused)
        {
            ConversionJudge.Refuse(refused.Message, answer);
        }
        else
        {
            _conversion.Answer(webhook, body, answer, context.RequestAborted);
        }

        await SendAsync(context, answer);
    }

    private static async Task SendAsync(HttpContext context, ArrayBufferWriter<byte> answer)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.WrittenCount;
        await context.Response.Body.WriteAsync(answer.WrittenMemory, context.RequestAborted);
    }

    private static async ValueTask<(byte[] Body, (HttpStatusCode Code, string Message)? Fault)> ReadAsync(HttpRequest request, long limit, CancellationToken cancellationToken)
    {
        if (!IsJson(request.ContentType))
        {
            return ([], (HttpStatusCode.UnsupportedMediaType, $"contentType={request.ContentType}, expected application/json"));
        }

        return await ReadBodyAsync(request, limit, cancellationToken) is not { } body ? ([], (HttpStatusCode.RequestEntityTooLarge, $"the request is larger than {limit} bytes"))
            : body.Length == 0 ? ([], (HttpStatusCode.BadRequest, "request body is empty"))
            : (body, null);
    }

    /// <summary>The body, in one piece that is its reader's own; null if it is too large. It grows with what comes, not with what is announced.</summary>
    private static async ValueTask<byte[]?> ReadBodyAsync(HttpRequest request, long limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
        {
            return null;
        }

        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            if (read.Buffer.Length > limit)
            {
                reader.AdvanceTo(read.Buffer.End);
                return null;
            }

            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static bool IsJson(string? contentType)
    {
        var type = contentType.AsSpan();
        var semicolon = type.IndexOf(';');
        return (semicolon < 0 ? type : type[..semicolon]).Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase);
    }
}
