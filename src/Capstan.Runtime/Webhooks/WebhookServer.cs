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
    private readonly FrozenDictionary<string, AdmissionWebhook> _webhooks;
    private readonly WebhookInstruments _instruments;
    private readonly AdmissionJudge _judge;
    private readonly long _maxBodyBytes;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public WebhookServer(IReadOnlyCollection<AdmissionWebhook> webhooks, WebhookInstruments instruments, long maxBodyBytes, TimeProvider time, ILogger logger)
    {
        _webhooks = webhooks.ToFrozenDictionary(webhook => webhook.Path, StringComparer.Ordinal);
        _instruments = instruments;
        _judge = new(instruments, time, logger);
        _maxBodyBytes = maxBodyBytes;
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
            var answer = await AnswerAsync(context.Request, webhook, context.RequestAborted);
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = answer.WrittenCount;
            await context.Response.Body.WriteAsync(answer.WrittenMemory, context.RequestAborted);
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

    private async Task<ArrayBufferWriter<byte>> AnswerAsync(HttpRequest request, AdmissionWebhook webhook, CancellationToken cancellationToken)
    {
        var answer = new ArrayBufferWriter<byte>(512);
        if (!IsJson(request.ContentType))
        {
            AdmissionJudge.Refuse(HttpStatusCode.UnsupportedMediaType, $"contentType={request.ContentType}, expected application/json", answer);
        }
        else if (await ReadAsync(request, cancellationToken) is not { } body)
        {
            AdmissionJudge.Refuse(HttpStatusCode.RequestEntityTooLarge, $"the request is larger than {_maxBodyBytes} bytes", answer);
        }
        else if (body.Length == 0)
        {
            AdmissionJudge.Refuse(HttpStatusCode.BadRequest, "request body is empty", answer);
        }
        else
        {
            await _judge.AnswerAsync(webhook, body, WebhookTimeout.Read(request.Query["timeout"]), answer, cancellationToken);
        }

        return answer;
    }

    /// <summary>The body, in one piece that is its reader's own; null if it is too large. It grows with what comes, not with what is announced.</summary>
    private async ValueTask<byte[]?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > _maxBodyBytes)
        {
            return null;
        }

        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            if (read.Buffer.Length > _maxBodyBytes)
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
