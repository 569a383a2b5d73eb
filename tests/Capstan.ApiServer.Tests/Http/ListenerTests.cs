using System.Net;
using System.Net.Security;
using Capstan.ApiServer.Access;
using Capstan.ApiServer.Http;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Capstan.ApiServer.Tests.Http;

public sealed class ListenerTests : IAsyncLifetime
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } });
    private ServerIdentity _identity = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _identity = await ServerIdentity.LoadAsync(null, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _identity.DisposeAsync();
    }

    [Fact]
    public async Task Who_connects_while_the_server_starts_waits_for_the_certificate_and_then_for_what_is_served()
    {
        var tls = new TaskCompletionSource<SslServerAuthenticationOptions>();
        await using var listener = await Listener.StartAsync(0, tls.Task);
        var asked = _client.GetStringAsync(new Uri($"https://127.0.0.1:{listener.Port}/early"), Stop);
        Assert.False(asked.IsCompleted);

        tls.SetResult(await _identity.Tls);
        Assert.False(asked.IsCompleted);

        listener.Serve(http => http.Response.WriteAsync("answer to " + http.Request.Path));
        Assert.Equal("answer to /early", await asked);
    }

    [Fact]
    public async Task A_start_that_fails_lets_those_go_who_wait()
    {
        var listener = await Listener.StartAsync(0, _identity.Tls);
        var asked = _client.GetAsync(new Uri($"https://127.0.0.1:{listener.Port}/early"), Stop);

        await listener.DisposeAsync();

        try
        {
            using var answer = await asked;
            Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        }
        catch (HttpRequestException)
        {
            // Closed before the request was there.
        }
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told()
    {
        await using var first = await Listener.StartAsync(0, _identity.Tls);

        await Assert.ThrowsAsync<IOException>(() => Listener.StartAsync(first.Port, _identity.Tls));
    }
}
