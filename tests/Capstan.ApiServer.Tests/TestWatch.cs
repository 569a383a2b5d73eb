using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests;

/// <summary>A running watch, read event by event.</summary>
public sealed class TestWatch : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private TestWatch(HttpResponseMessage response, StreamReader reader) => (_response, _reader) = (response, reader);

    public static async Task<TestWatch> StartAsync(TestServer server, string path, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        var response = await server.Admin.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
        return new TestWatch(response, new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)));
    }

    /// <summary>The next event; null when the server has ended the watch.</summary>
    public async Task<JsonObject?> NextAsync()
    {
        var line = await _reader.ReadLineAsync(TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine($"event {line}");
        return line is null ? null : JsonNode.Parse(line)!.AsObject();
    }

    /// <summary>The next event as <c>TYPE name</c>.</summary>
    public async Task<string> NextNameAsync()
    {
        var next = await NextAsync();
        return next is null ? "end" : $"{(string?)next["type"]} {(string?)next["object"]!["metadata"]!["name"]}";
    }

    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
    }
}
