using System.Text.Json.Nodes;
using Capstan.Hosting;
using Capstan.Runtime.Tests.Scripted;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Capstan.Runtime.Tests.Hosting;

/// <summary>What is asked of the API server for a scrape, and how long its answers are kept.</summary>
public sealed class MetricsAccessTests : IAsyncLifetime
{
    private const string Authenticated = """{"status":{"authenticated":true,"user":{"username":"jane","uid":"u1","groups":["a","b"],"extra":{"k":["v"]}}}}""";
    private const string Allowed = """{"status":{"allowed":true}}""";
    private const string Denied = """{"status":{"allowed":false}}""";

    private readonly ManualTime time = new();
    private readonly ScriptedApiServer server = new();
    private KubeClient client = null!;
    private MetricsAccess access = null!;

    public ValueTask InitializeAsync()
    {
        client = server.Connect(time);
        access = new(client, time, NullLogger.Instance);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer  ")]
    [InlineData("Basic YTpi")]
    public async Task Who_shows_no_token_is_401_and_the_server_is_not_asked(string? header)
    {
        Assert.Equal(401, await ScrapeAsync(header));
        Assert.False(server.HasRequest);
    }

    [Fact]
    public async Task The_review_has_token_user_path_and_verb_in_lower_case()
    {
        var scrape = ScrapeAsync("bearer abc");
        var (token, right) = (await AnswerAsync(Authenticated), await AnswerAsync(Allowed));
        Assert.Equal(200, await scrape);
        Assert.Equal(("POST", "/apis/authentication.k8s.io/v1/tokenreviews"), (token.Method, token.Path));
        Assert.Equal("abc", JsonNode.Parse(token.Body)!["spec"]!["token"]!.GetValue<string>());
        Assert.Equal(("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews"), (right.Method, right.Path));
        var wanted = """{"user":"jane","uid":"u1","groups":["a","b"],"extra":{"k":["v"]},"nonResourceAttributes":{"path":"/metrics","verb":"get"}}""";
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(wanted), JsonNode.Parse(right.Body)!["spec"]), right.Body);
    }

    [Fact]
    public async Task A_token_that_is_nobodys_is_401_and_a_user_without_the_right_is_403()
    {
        var nobody = ScrapeAsync("Bearer bad");
        await AnswerAsync("""{"status":{"error":"invalid bearer token"}}""");
        Assert.Equal(401, await nobody);

        var jane = ScrapeAsync("Bearer good");
        await AnswerAsync(Authenticated);
        await AnswerAsync(Denied);
        Assert.Equal(403, await jane);
    }

    [Fact]
    public async Task Users_are_asked_for_again_after_a_minute_permissions_after_five_and_refusals_after_30_seconds()
    {
        var first = ScrapeAsync("Bearer t");
        await AnswerAsync(Authenticated);
        await AnswerAsync(Allowed);
        Assert.Equal(200, await first);

        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(200, await ScrapeAsync("Bearer t"));
        Assert.False(server.HasRequest);

        time.Advance(TimeSpan.FromSeconds(1));
        var second = ScrapeAsync("Bearer t");
        Assert.EndsWith("tokenreviews", (await AnswerAsync(Authenticated)).Path, StringComparison.Ordinal);
        Assert.Equal(200, await second);
        Assert.False(server.HasRequest);

        time.Advance(TimeSpan.FromMinutes(4));
        var third = ScrapeAsync("Bearer t");
        await AnswerAsync(Authenticated);
        Assert.EndsWith("subjectaccessreviews", (await AnswerAsync(Denied)).Path, StringComparison.Ordinal);
        Assert.Equal(403, await third);

        time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(403, await ScrapeAsync("Bearer t"));
        time.Advance(TimeSpan.FromSeconds(1));
        var fourth = ScrapeAsync("Bearer t");
        Assert.EndsWith("subjectaccessreviews", (await AnswerAsync(Allowed)).Path, StringComparison.Ordinal);
        Assert.Equal(200, await fourth);
    }

    [Fact]
    public async Task A_right_to_one_verb_is_none_to_another()
    {
        var get = ScrapeAsync("Bearer t");
        await AnswerAsync(Authenticated);
        await AnswerAsync(Allowed);
        Assert.Equal(200, await get);
        var head = ScrapeAsync("Bearer t", "HEAD");
        Assert.Contains("\"head\"", (await AnswerAsync(Denied)).Body, StringComparison.Ordinal);
        Assert.Equal(403, await head);
    }

    [Fact]
    public async Task A_review_that_fails_is_500_and_is_not_remembered()
    {
        var refused = ScrapeAsync("Bearer t");
        await (await server.NextAsync()).RefuseAsync(403, "Forbidden", "cannot create tokenreviews");
        Assert.Equal(500, await refused);

        var again = ScrapeAsync("Bearer t");
        await AnswerAsync(Authenticated);
        await (await server.NextAsync()).RefuseAsync(403, "Forbidden", "cannot create subjectaccessreviews");
        Assert.Equal(500, await again);

        var good = ScrapeAsync("Bearer t");
        await AnswerAsync(Allowed);
        Assert.Equal(200, await good);
    }

    [Fact]
    public async Task A_server_that_cannot_answer_is_asked_five_times_and_within_ten_seconds()
    {
        var scrape = ScrapeAsync("Bearer t");
        for (var tries = 1; tries <= 5; tries++)
        {
            await (await server.NextAsync()).RefuseAsync(500, "InternalError");
            if (tries < 5)
            {
                var wait = TimeSpan.FromMilliseconds(500 * Math.Pow(1.5, tries - 1));
                await time.WaitForTimerAsync(wait, TestContext.Current.CancellationToken);
                time.Advance(wait);
            }
        }

        Assert.Equal(500, await scrape);
        Assert.False(server.HasRequest);

        var silent = ScrapeAsync("Bearer t");
        _ = await server.NextAsync();
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(500, await silent);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"status":{"authenticated":"yes"}}""")]
    [InlineData("""{"status":{"authenticated":true,"user":{"username":7}}}""")]
    public async Task An_answer_that_makes_no_sense_lets_nobody_in(string answer)
    {
        var scrape = ScrapeAsync("Bearer t");
        await AnswerAsync(answer);
        Assert.Equal(500, await scrape);
    }

    private async Task<ScriptedRequest> AnswerAsync(string body)
    {
        var request = await server.NextAsync();
        await request.AnswerAsync(201, body);
        return request;
    }

    private async Task<int> ScrapeAsync(string? authorization, string method = "GET")
    {
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Request.Path = "/metrics";
        context.Request.Headers.Authorization = authorization;
        await access.GuardAsync(context, _ => Task.CompletedTask);
        return context.Response.StatusCode;
    }
}
