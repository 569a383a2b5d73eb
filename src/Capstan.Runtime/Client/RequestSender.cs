using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Capstan.Diagnostics;

namespace Capstan.Client;

/// <summary>Sends requests: credentials, tries, deadlines, warnings, metrics.</summary>
internal sealed class RequestSender : IDisposable
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    private readonly KubeConfig _config;
    private readonly KubeClientOptions _options;
    private readonly HttpClient _http;
    private readonly Credentials _credentials;
    private readonly string _host;
    private readonly string _root;

    public RequestSender(KubeConfig config, KubeClientOptions options)
    {
        _config = config;
        _options = options;
        _credentials = Credentials.Of(config, options.TimeProvider);
        _http = new HttpClient(ServerConnection.CreateHandler(config, _credentials)) { Timeout = Timeout.InfiniteTimeSpan };
        _host = config.Server.Authority;
        _root = config.Server.GetLeftPart(UriPartial.Path).TrimEnd('/');
    }

    /// <summary>Asked before each try of a request that is no GET; false refuses it. Null refuses nothing.</summary>
    public Func<bool>? WriteGate { get; set; }

    public void Dispose()
    {
        _http.Dispose();
        _credentials.Dispose();
    }

    /// <summary>Sends and reads the whole answer.</summary>
    /// <exception cref="ApiException">The server answered with an error, at the last try.</exception>
    /// <exception cref="TimeoutException">No whole answer to a try within <see cref="KubeClientOptions.RequestTimeout"/>.</exception>
    public async Task<ApiAnswer> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        using var response = await TryAsync(request, SendInTimeAsync, cancellationToken);
        return new(await response.Content.ReadAsByteArrayAsync(cancellationToken), response.Content.Headers.ContentType);
    }

    /// <summary>Sends and returns as soon as the headers of a success are there. The caller bounds the time and disposes the response.</summary>
    public Task<HttpResponseMessage> OpenAsync(ApiRequest request, CancellationToken cancellationToken) =>
        TryAsync(request, (r, c) => SendOnceAsync(r, HttpCompletionOption.ResponseHeadersRead, c), cancellationToken);

    private async Task<HttpResponseMessage> TryAsync(
        ApiRequest request, Func<ApiRequest, CancellationToken, Task<HttpResponseMessage>> send, CancellationToken cancellationToken)
    {
        var refreshed = false;
        for (var tries = 1; ; tries++)
        {
            HttpResponseMessage response;
            try
            {
                response = await send(request, cancellationToken);
            }
            catch (HttpRequestException) when (request.Method == HttpMethod.Get && request.MayRetry && tries < 3 && !cancellationToken.IsCancellationRequested)
            {
                // The server closed a connection that it had answered on before: routine when it restarts or sheds load.
                ClientInstruments.Retried("<error>", request.Method.Method, _host);
                await DelayAsync(TimeSpan.FromMilliseconds(50 * tries), cancellationToken);
                continue;
            }

            if (response.IsSuccessStatusCode)
            {
                TellWarnings(response);
                return response;
            }

            using (response)
            {
                if (response.StatusCode == HttpStatusCode.Unauthorized && !refreshed && _credentials.Forget(response.RequestMessage?.Headers.Authorization))
                {
                    refreshed = true;
                    continue;
                }

                var error = await ReadErrorAsync(request, response, cancellationToken);
                if (!MayTryAgain(request, error, tries))
                {
                    throw error;
                }

                ClientInstruments.Retried(error.Code.ToString(CultureInfo.InvariantCulture), request.Method.Method, _host);
                await DelayAsync(WaitFor(error), cancellationToken);
            }
        }
    }

    private bool MayTryAgain(ApiRequest request, ApiException error, int tries) =>
        request.MayRetry && tries < _options.MaxTries && error.RetryAfter is not null
        && error.Code is (int)HttpStatusCode.TooManyRequests or (int)HttpStatusCode.ServiceUnavailable;

    private TimeSpan WaitFor(ApiException error)
    {
        var asked = error.RetryAfter ?? ShortestWait;
        var wait = asked < _options.MaxRetryAfter ? asked : _options.MaxRetryAfter;
        lock (_options.Random)
        {
            // Clients that were refused together must not come back together.
            return wait * (1 + (0.1 * _options.Random.NextDouble()));
        }
    }

    private Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken) => Task.Delay(delay, _options.TimeProvider, cancellationToken);

    private async Task<HttpResponseMessage> SendInTimeAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.RequestTimeout, _options.TimeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await SendOnceAsync(request, HttpCompletionOption.ResponseContentRead, both.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{request.Description}: no answer within {_options.RequestTimeout.TotalSeconds:0.#} s");
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(ApiRequest request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(request.Method, _root + request.PathAndQuery)
        {
            Version = _config.Server.Scheme == Uri.UriSchemeHttps ? _options.HttpVersion : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        message.Headers.TryAddWithoutValidation("Accept", request.Accept ?? MediaTypes.Json);
        message.Headers.TryAddWithoutValidation("User-Agent", _options.UserAgent ?? ServerConnection.DefaultUserAgent);
        if (_config.TlsServerName is { Length: > 0 } name)
        {
            // .NET takes the name to ask for (SNI) and to check in the certificate from here.
            message.Headers.Host = name;
        }

        if (request.ContentType is not null)
        {
            message.Content = new ReadOnlyMemoryContent(request.Body);
            message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(request.ContentType);
        }

        if (request.Method != HttpMethod.Get && WriteGate is { } gate && !gate())
        {
            throw new InvalidOperationException($"{request.Description}: not sent, this replica is not the leader");
        }

        await _credentials.AuthenticateAsync(message.Headers, cancellationToken);
        Impersonation.Add(_config, message.Headers);
        var started = _options.TimeProvider.GetTimestamp();
        var code = "<error>";
        try
        {
            var response = await _http.SendAsync(message, completion, cancellationToken);
            code = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            return response;
        }
        catch (HttpRequestException error)
        {
            throw new HttpRequestException(error.HttpRequestError, $"{request.Description}: {Innermost(error)}", error, error.StatusCode);
        }
        finally
        {
            ClientInstruments.Requested(code, request.Method.Method, _host, _options.TimeProvider.GetElapsedTime(started));
        }
    }

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

    private static async Task<ApiException> ReadErrorAsync(ApiRequest request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] body;
        try
        {
            body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        }
        catch (HttpRequestException)
        {
            body = [];
        }

        var status = ApiException.ReadStatus((int)response.StatusCode, response.ReasonPhrase, body);
        return new ApiException(status, request.Description, response.Headers.RetryAfter?.Delta);
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
