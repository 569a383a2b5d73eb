using Capstan.ApiServer.Http;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Capstan.Testing.Faults;

/// <summary>A request while faults are at it.</summary>
internal sealed class FaultedRequest(HttpContext http, RequestInfo info, TimeProvider clock) : IHttpRequestLifetimeFeature, IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private IHttpRequestLifetimeFeature? _lifetime;
    private Stream? _body;

    public HttpContext Http { get; } = http;

    public RequestInfo Info { get; } = info;

    public TimeProvider Clock { get; } = clock;

    public string UserAgent => Http.Request.Headers.UserAgent.ToString();

    /// <summary>Puts something between the handler and the client.</summary>
    public void Filter(Func<Stream, Stream> filter) => _body = filter(_body ?? Http.Response.Body);

    /// <summary>Answers in the place of the handler.</summary>
    public async Task AnswerAsync(int code, ReadOnlyMemory<byte> json)
    {
        Http.Response.StatusCode = code;
        Http.Response.ContentType = "application/json";
        await (_body ?? Http.Response.Body).WriteAsync(json);
    }

    /// <summary>Lets the handler run, its answer going through the filters.</summary>
    public async Task HandleAsync(RequestDelegate handle)
    {
        if (_body is null)
        {
            await handle(Http);
            return;
        }

        var before = Http.Features.Get<IHttpResponseBodyFeature>()!;
        _lifetime = Http.Features.Get<IHttpRequestLifetimeFeature>()!;
        using var both = _lifetime.RequestAborted.UnsafeRegister(_ => End(), null);
        var filtered = new StreamResponseBodyFeature(_body, before);
        Http.Features.Set<IHttpResponseBodyFeature>(filtered);
        Http.Features.Set<IHttpRequestLifetimeFeature>(this);
        try
        {
            await handle(Http);
            await filtered.Writer.FlushAsync();
        }
        finally
        {
            Http.Features.Set(before);
            Http.Features.Set(_lifetime);
        }
    }

    /// <summary>Makes the handler stop as if the client had left; what was sent so far is a whole answer.</summary>
    public void End()
    {
        try
        {
            _ending.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended.
        }
    }

    /// <summary>Breaks the whole connection.</summary>
    public void Reset()
    {
        if (Http.Features.Get<IConnectionLifetimeFeature>() is { } connection)
        {
            connection.Abort();
        }

        Http.Abort();
    }

    CancellationToken IHttpRequestLifetimeFeature.RequestAborted
    {
        get => _ending.Token;
        set => throw new NotSupportedException();
    }

    void IHttpRequestLifetimeFeature.Abort() => _lifetime!.Abort();

    public async ValueTask DisposeAsync()
    {
        if (_body is not null && _body != Http.Response.Body)
        {
            await _body.DisposeAsync();
        }

        _ending.Dispose();
    }
}
