using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using Capstan.Diagnostics;

namespace Capstan.Client;

/// <summary>Sends requests: rate, credentials, tries, deadlines, warnings, metrics.</summary>
internal sealed class RequestSender : IDisposable
{
    private const int ErrorLimit = 1024 * 1024;
    private const int MaxTriesOfBrokenRead = 3;

    private readonly KubeConfig _config;
    private readonly KubeClientOptions _options;
    private readonly Connections _connections;
    private readonly RequestRate? _rate;
    private readonly RetryWaits _waits;
    private readonly Impersonation? _impersonate;
    private readonly string _userAgent;
    private readonly string _host;
    private readonly string _root;

    public RequestSender(KubeConfig config, KubeClientOptions options)
    {
        _config = config;
        _options = options;
        _impersonate = config.Impersonate?.Validate();
        _connections = new(config, options);
        _rate = options.QueriesPerSecond is { } rate ? new(rate, options.Burst, options.TimeProvider) : null;
        _waits = new(options);
        _userAgent = UserAgent.Of(options.UserAgent);
        _host = config.Server.Authority;
        _root = config.Server.GetLeftPart(UriPartial.Path).TrimEnd('/');
    }

    private RequestSender(RequestSender origin, Impersonation impersonate)
    {
        (_config, _options, _connections, _rate, _waits) = (origin._config, origin._options, origin._connections, origin._rate, origin._waits);
        (_userAgent, _host, _root, Gate) = (origin._userAgent, origin._host, origin._root, origin.Gate);
        _impersonate = impersonate.Validate();
    }

    /// <summary>Asked before each try of a request that is no GET.</summary>
    public WriteGate Gate { get; } = new();

    /// <summary>A sender over the same connections, at the same rate, in another's name.</summary>
    public RequestSender As(Impersonation impersonate) => new(this, impersonate);

    public void Dispose() => _connections.Dispose();

    /// <summary>Sends and reads the whole answer.</summary>
    /// <exception cref="ApiException">The server answered with an error, at the last try.</exception>
    /// <exception cref="TimeoutException">No whole answer to a try within <see cref="KubeClientOptions.RequestTimeout"/>.</exception>
    public async Task<ApiAnswer> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(request, ReadWholeAsync, cancellationToken);
        CountReceived(request, answer.Body.Length);
        return answer;
    }

    /// <summary>Sends, and has the answer read. A read that the connection broke under is begun again, with another answer.</summary>
    public async Task<T> SendAsync<T>(ApiRequest request, Func<HttpContent, CancellationToken, ValueTask<T>> read, CancellationToken cancellationToken)
    {
        var (_, result) = await TryAsync(request, _options.RequestTimeout, read, cancellationToken);
        return result!;
    }

    /// <summary>Sends and returns as soon as the headers of a success are there. The caller bounds the time of what follows, and disposes the response.</summary>
    /// <param name="request">What to send.</param>
    /// <param name="within">Bounds the wait of each try for the headers; null leaves that to the caller.</param>
    /// <param name="cancellationToken">Ends the wait for the headers.</param>
    public async Task<HttpResponseMessage> OpenAsync(ApiRequest request, TimeSpan? within, CancellationToken cancellationToken)
    {
        var (response, _) = await TryAsync<object>(request, within, null, cancellationToken);
        return response!;
    }

    /// <summary>Opens a WebSocket with this sender's credentials, over a connection of its own; tried once.</summary>
    /// <exception cref="HttpRequestException">The server refused it, with its status code, or cannot be reached.</exception>
    public async Task<ClientWebSocket> OpenSocketAsync(string pathAndQuery, string protocol, string description, CancellationToken cancellationToken)
    {
        using var headers = new HttpRequestMessage();
        await _connections.Credentials.AuthenticateAsync(headers.Headers, cancellationToken);
        _impersonate?.AddTo(headers.Headers);
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.AddSubProtocol(protocol);
            socket.Options.SetRequestHeader("User-Agent", _userAgent);
            foreach (var (name, values) in headers.Headers)
            {
                socket.Options.SetRequestHeader(name, string.Join(',', values));
            }

            if (_config.TlsServerName is { Length: > 0 } host)
            {
                socket.Options.SetRequestHeader("Host", host);
            }

            socket.Options.CollectHttpResponseDetails = true;
            var connections = await _connections.ForAsync(isWatch: true, cancellationToken);
            await socket.ConnectAsync(new Uri($"ws{_root["http".Length..]}{pathAndQuery}"), connections, cancellationToken);
            return socket;
        }
        catch (WebSocketException refused)
        {
            var code = socket.HttpStatusCode;
            socket.Dispose();
            throw new HttpRequestException($"{description}: {(code == default ? Innermost(refused) : $"the server answered {(int)code}")}", refused, code == default ? null : code);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Counts the bytes of a body that was read.</summary>
    public void CountReceived(ApiRequest request, long bytes) => ClientInstruments.Received(request.Method.Method, _host, bytes);

    private static async ValueTask<ApiAnswer> ReadWholeAsync(HttpContent content, CancellationToken cancellationToken) =>
        new(await AnswerBody.ReadAsync(content, AnswerBody.Limit, cancellationToken), content.Headers.ContentType);

    /// <returns>The open response if there is no <paramref name="read"/>; else what that made of it.</returns>
    private async Task<(HttpResponseMessage? Open, T? Result)> TryAsync<T>(
        ApiRequest request, TimeSpan? within, Func<HttpContent, CancellationToken, ValueTask<T>>? read, CancellationToken cancellationToken)
    {
        var refreshed = false;
        for (var tries = 1; ; tries++)
        {
            await HoldBackAsync(request, cancellationToken);
            using var deadline = within is { } time ? new CancellationTokenSource(time, _options.TimeProvider) : null;
            using var both = deadline is null ? null : CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            var token = both?.Token ?? cancellationToken;
            HttpResponseMessage? response = null;
            try
            {
                response = await SendOnceAsync(request, token);
                if (response.IsSuccessStatusCode)
                {
                    TellWarnings(response);
                    if (read is not null)
                    {
                        return (null, await read(response.Content, token));
                    }

                    var open = response;
                    response = null;
                    return (open, default);
                }

                if (response.StatusCode == HttpStatusCode.Unauthorized && !refreshed && _connections.Credentials.Forget(response.RequestMessage?.Headers.Authorization))
                {
                    refreshed = true;
                    continue;
                }

                var error = await ReadErrorAsync(request, response, token);
                if (!RetryWaits.IsRefusal(error) || !request.MayRetry || tries >= _options.MaxTries)
                {
                    throw error;
                }

                ClientInstruments.Retried(error.Code, request.Method.Method, _host);
                await DelayAsync(_waits.AfterRefusal(error), cancellationToken);
            }
            catch (OperationCanceledException) when (deadline is { IsCancellationRequested: true } && !cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"{request.Description}: no answer within {_options.RequestTimeout.TotalSeconds:0.#} s");
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException
                && request.Method == HttpMethod.Get && request.MayRetry && tries < MaxTriesOfBrokenRead && !cancellationToken.IsCancellationRequested)
            {
                // The server closed a connection that it had answered on before: routine when it restarts or sheds load.
                ClientInstruments.Retried(ClientInstruments.NoAnswer, request.Method.Method, _host);
                await DelayAsync(_waits.AfterBreak(tries), cancellationToken);
            }
            catch (IOException broken)
            {
                throw new HttpRequestException(HttpRequestError.ResponseEnded, $"{request.Description}: {broken.Message}", broken);
            }
            catch (InvalidDataException wrong)
            {
                throw new HttpRequestException(HttpRequestError.InvalidResponse, $"{request.Description}: {wrong.Message}", wrong);
            }
            finally
            {
                response?.Dispose();
            }
        }
    }

    private Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken) => Task.Delay(delay, _options.TimeProvider, cancellationToken);

    /// <summary>Each try is a request to the server, and takes its place among the others.</summary>
    private async ValueTask HoldBackAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        if (_rate is null)
        {
            return;
        }

        var started = _options.TimeProvider.GetTimestamp();
        await _rate.WaitAsync(cancellationToken);
        ClientInstruments.HeldBack(request.Method.Method, _host, _options.TimeProvider.GetElapsedTime(started));
    }

    private async Task<HttpResponseMessage> SendOnceAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(request.Method, _root + request.PathAndQuery)
        {
            Version = VersionFor(request.Class),
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        message.Headers.TryAddWithoutValidation("Accept", request.Accept ?? MediaTypes.Json);
        message.Headers.TryAddWithoutValidation("User-Agent", _userAgent);

        // Of a watch: until it begins. A server that traces goes on from here.
        using var span = Tracing.Request(request.Method.Method, _host, request.Description);
        if (span is not null)
        {
            message.Headers.TryAddWithoutValidation("traceparent", span.Id);
        }

        if (_config.TlsServerName is { Length: > 0 } name)
        {
            // .NET takes the name to ask for (SNI) and to check in the certificate from here.
            message.Headers.Host = name;
        }

        if (request.ContentType is not null)
        {
            message.Content = new ReadOnlyMemoryContent(request.Body);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
            ClientInstruments.Sent(request.Method.Method, _host, request.Body.Length);
        }

        await _connections.Credentials.AuthenticateAsync(message.Headers, cancellationToken);
        _impersonate?.AddTo(message.Headers);
        var connections = await _connections.ForAsync(request.Class == RequestClass.Watch, cancellationToken);

        // Last: credentials and connections may take their time.
        Gate.Check(request);
        var started = _options.TimeProvider.GetTimestamp();
        var code = ClientInstruments.NoAnswer;
        try
        {
            var response = await connections.SendAsync(message, cancellationToken);
            code = (int)response.StatusCode;
            span?.SetTag("http.response.status_code", code);
            return response;
        }
        catch (HttpRequestException error)
        {
            span?.Fail(error);
            throw new HttpRequestException(error.HttpRequestError, $"{request.Description}: {Innermost(error)}", error, error.StatusCode);
        }
        finally
        {
            ClientInstruments.Requested(code, request.Method.Method, _host, _options.TimeProvider.GetElapsedTime(started));
        }
    }

    private Version VersionFor(RequestClass requestClass) => requestClass switch
    {
        _ when _config.Server.Scheme != Uri.UriSchemeHttps => HttpVersion.Version11,
        RequestClass.Watch => _options.WatchHttpVersion,
        RequestClass.List => _options.ListHttpVersion,
        _ => _options.HttpVersion,
    };

    private static string Innermost(Exception error)
    {
        // "The SSL connection could not be established, see inner exception": say what is inside, all of it.
        var text = error.Message;
        for (var inner = error.InnerException; inner is not null; inner = inner.InnerException)
        {
            text = text.Contains(inner.Message, StringComparison.Ordinal) ? text : $"{text.TrimEnd('.')}: {inner.Message}";
        }

        return text.Replace(", see inner exception", "", StringComparison.Ordinal);
    }

    private async Task<ApiException> ReadErrorAsync(ApiRequest request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] body;
        try
        {
            body = await AnswerBody.ReadAsync(response.Content, ErrorLimit, cancellationToken);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or HttpRequestException)
        {
            body = [];
        }

        var status = ApiException.ReadStatus((int)response.StatusCode, response.ReasonPhrase, body);
        return new ApiException(status, request.Description, AskedToWait(response.Headers.RetryAfter));
    }

    /// <summary>Seconds, or a date by the server's clock, which is taken for ours.</summary>
    private TimeSpan? AskedToWait(RetryConditionHeaderValue? header)
    {
        if (header?.Date is not { } date)
        {
            return header?.Delta;
        }

        var wait = date - _options.TimeProvider.GetUtcNow();
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private void TellWarnings(HttpResponseMessage response)
    {
        if (_options.OnWarning is null || !response.Headers.TryGetValues("Warning", out var warnings))
        {
            return;
        }

        foreach (var text in warnings)
        {
            foreach (var warning in WarningText.Read(text))
            {
                _options.OnWarning(warning);
            }
        }
    }
}
