using System.Net;
using Xunit;

namespace Capstan.ApiServer.Tests.Http;

public sealed class ListTests(TestServer server) : IClassFixture<TestServer>
{
    private async Task<string> FilledAsync(params string[] names)
    {
        var ns = await server.NamespaceAsync();
        foreach (var name in names)
        {
            await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", $$$$"""{"metadata":{"name":"{{{{name}}}}","labels":{"part":"{{{{name[..1]}}}}"}}}""");
        }

        return ns;
    }

    [Fact]
    public async Task Pages_come_from_the_moment_of_the_first()
    {
        var ns = await FilledAsync("a1", "b1", "c1", "d1", "e1");
        var first = await server.GetAsync($"{ns}/configmaps?limit=2");
        Assert.Equal(["a1", "b1"], first.Names);
        Assert.Equal(3, (int)first.Json["metadata"]!["remainingItemCount"]!);
        var token = (string?)first.Json["metadata"]!["continue"];

        await server.SendAsync(HttpMethod.Delete, $"{ns}/configmaps/c1");
        await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", """{"metadata":{"name":"c2"}}""");
        var second = await server.GetAsync($"{ns}/configmaps?limit=2&continue={token}");
        Assert.Equal(["c1", "d1"], second.Names);
        Assert.Equal(first.Version, second.Version);
        var third = await server.GetAsync($"{ns}/configmaps?limit=2&continue={(string?)second.Json["metadata"]!["continue"]}");
        Assert.Equal(["e1"], third.Names);
        Assert.Null(third.Json["metadata"]!["continue"]);
        Assert.Equal(["a1", "b1", "c2", "d1", "e1"], (await server.GetAsync($"{ns}/configmaps")).Names);
    }

    [Fact]
    public async Task A_page_of_a_forgotten_moment_is_expired()
    {
        var ns = await FilledAsync("a", "b", "c");
        var first = await server.GetAsync($"{ns}/configmaps?limit=1");
        await server.SendAsync(HttpMethod.Delete, $"{ns}/configmaps/a");
        server.Server.Compact();
        var second = await server.GetAsync($"{ns}/configmaps?limit=1&continue={(string?)first.Json["metadata"]!["continue"]}");
        Assert.Equal(HttpStatusCode.Gone, second.Code);
        Assert.Equal("Expired", second.Reason);
        Assert.EndsWith("were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.", second.Message, StringComparison.Ordinal);
        var exact = await server.GetAsync($"{ns}/configmaps?resourceVersion={first.Version}&resourceVersionMatch=Exact");
        Assert.Equal((HttpStatusCode.Gone, "The resourceVersion for the provided list is too old."), (exact.Code, exact.Message));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("application/yaml")]
    [InlineData("application/vnd.kubernetes.protobuf")]
    public async Task Who_takes_the_token_of_an_expired_page_gets_the_rest_as_it_is_now(string? accept)
    {
        var ns = await FilledAsync("a1", "b1", "c1", "d1");
        var first = await server.GetAsync($"{ns}/configmaps?limit=2");
        var path = $"{ns}/configmaps?limit=1&continue=";
        await server.SendAsync(HttpMethod.Delete, $"{ns}/configmaps/c1");
        await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", """{"metadata":{"name":"c2"}}""");
        await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", """{"metadata":{"name":"a2"}}""");
        server.Server.Compact();
        var expired = await server.GetAsync(path + (string?)first.Json["metadata"]!["continue"], accept);
        Assert.Equal(HttpStatusCode.Gone, expired.Code);
        var token = System.Text.RegularExpressions.Regex.Match(expired.Text, "eyJ2[A-Za-z0-9_-]+").Value;

        var third = await server.GetAsync(path + token);
        Assert.Equal((HttpStatusCode.OK, 1), (third.Code, (int)third.Json["metadata"]!["remainingItemCount"]!));
        Assert.Equal(["c2"], third.Names);
        Assert.True(long.Parse(third.Version, null) > long.Parse(first.Version, null));

        // From here on the list is of one moment again.
        await server.SendAsync(HttpMethod.Delete, $"{ns}/configmaps/d1");
        var last = await server.GetAsync(path + (string?)third.Json["metadata"]!["continue"]);
        Assert.Equal(["d1"], last.Names);
        Assert.Equal(third.Version, last.Version);
    }

    [Theory]
    [InlineData("labelSelector=part%3Da", "a1,a2")]
    [InlineData("labelSelector=part+in+(a,b)", "a1,a2,b1")]
    [InlineData("labelSelector=!part", "")]
    [InlineData("fieldSelector=metadata.name%3Db1", "b1")]
    [InlineData("fieldSelector=metadata.name!%3Db1&labelSelector=part", "a1,a2")]
    [InlineData("fieldSelector=metadata.namespace%3Delsewhere", "")]
    public async Task Selectors_narrow(string query, string names)
    {
        var ns = await FilledAsync("a1", "a2", "b1");
        Assert.Equal(names.Split(',', StringSplitOptions.RemoveEmptyEntries), (await server.GetAsync($"{ns}/configmaps?{query}")).Names);
    }

    [Theory]
    [InlineData("limit=many", 400)]
    [InlineData("labelSelector=a+in", 400)]
    [InlineData("fieldSelector=data.k%3Dv", 400)]
    [InlineData("continue=nonsense", 400)]
    [InlineData("resourceVersion=abc", 400)]
    [InlineData("resourceVersionMatch=Exact", 422)]
    [InlineData("resourceVersion=0&resourceVersionMatch=Exact", 422)]
    [InlineData("resourceVersion=1&resourceVersionMatch=Sometimes", 422)]
    [InlineData("sendInitialEvents=true", 422)]
    [InlineData("resourceVersion=99999999", 504)]
    public async Task What_makes_no_sense_is_refused(string query, int code)
    {
        var answer = await server.GetAsync($"/api/v1/namespaces/default/configmaps?{query}");
        Assert.Equal(code, (int)answer.Code);
        Assert.Equal("Status", (string?)answer.Json["kind"]);
        Assert.Equal(code, (int)answer.Json["code"]!);
    }

    [Fact]
    public async Task An_exact_version_shows_the_past()
    {
        var ns = await FilledAsync("a", "b");
        var then = (await server.GetAsync($"{ns}/configmaps")).Version;
        await server.SendAsync(HttpMethod.Delete, $"{ns}/configmaps/a");
        Assert.Equal(["a", "b"], (await server.GetAsync($"{ns}/configmaps?resourceVersion={then}&resourceVersionMatch=Exact")).Names);
        Assert.Equal(["b"], (await server.GetAsync($"{ns}/configmaps?resourceVersion={then}&resourceVersionMatch=NotOlderThan")).Names);
        Assert.Equal(["a"], (await server.GetAsync($"{ns}/configmaps?resourceVersion={then}&limit=1")).Names);
    }
}
