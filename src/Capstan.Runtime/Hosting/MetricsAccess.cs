using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Capstan.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Capstan.Hosting;

/// <summary>Who may read the metrics: the API server says whose a bearer token is (TokenReview), and whether that user may do this to this path
/// (SubjectAccessReview).</summary>
/// <remarks>Answers are kept: users of tokens for a minute, permissions for five, refusals for 30 s. What is kept is bounded, and holds no token.</remarks>
internal sealed class MetricsAccess(KubeClient client, TimeProvider time, ILogger logger)
{
    private const int MostAnswers = 1000;
    private const int MostTries = 5;

    private static readonly ResourceType TokenReviews = new("authentication.k8s.io", "v1", "TokenReview", "tokenreviews", Namespaced: false);
    private static readonly ResourceType AccessReviews = new("authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", Namespaced: false);
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AllowLifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan DenyLifetime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ReviewTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);

    private readonly ExpiringCache<string, JsonObject?> _users = new(MostAnswers, time);
    private readonly ExpiringCache<string, bool> _permissions = new(MostAnswers, time);

    /// <summary>Answers 401, 403 or 500, or calls <paramref name="next"/>.</summary>
    /// <param name="context">The request.</param>
    /// <param name="next">Serves those who may.</param>
    /// <param name="path">Path that the user must have the right to; default the request's own.</param>
    public async Task GuardAsync(HttpContext context, Func<HttpContext, Task> next, string? path = null)
    {
        var (code, text) = await JudgeAsync(context.Request, path ?? context.Request.Path.Value ?? "/", context.RequestAborted);
        if (code == HttpStatusCode.OK)
        {
            await next(context);
            return;
        }

        context.Response.StatusCode = (int)code;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(text + "\n", context.RequestAborted);
    }

    private async Task<(HttpStatusCode Code, string Text)> JudgeAsync(HttpRequest request, string path, CancellationToken cancellationToken)
    {
        if (BearerToken(request.Headers.Authorization.ToString()) is not { } token)
        {
            return (HttpStatusCode.Unauthorized, "Unauthorized");
        }

        JsonObject? user;
        try
        {
            user = await UserOfAsync(token, cancellationToken);
        }
        catch (Exception error) when (IsFailure(error, cancellationToken))
        {
            Log.ReviewFailed(logger, request.Path, error.Message);
            return (HttpStatusCode.InternalServerError, "Authentication failed");
        }

        if (user is null)
        {
            return (HttpStatusCode.Unauthorized, "Unauthorized");
        }

        var name = user["user"]?.GetValue<string>();
        try
        {
            return await MayAsync(user, request.Method.ToLowerInvariant(), path, cancellationToken)
                ? (HttpStatusCode.OK, "")
                : (HttpStatusCode.Forbidden, $"Authorization denied for user {name}");
        }
        catch (Exception error) when (IsFailure(error, cancellationToken))
        {
            Log.ReviewFailed(logger, request.Path, error.Message);
            return (HttpStatusCode.InternalServerError, $"Authorization for user {name} failed");
        }
    }

    /// <summary>The token's user as a SubjectAccessReview names him; null if it is nobody's.</summary>
    private async Task<JsonObject?> UserOfAsync(string token, CancellationToken cancellationToken)
    {
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (_users.TryGet(key, out var known))
        {
            return known;
        }

        var status = await ReviewAsync(TokenReviews, new() { ["token"] = token }, cancellationToken);
        if (status["authenticated"]?.GetValue<bool>() != true && status["error"]?.GetValue<string>() is { Length: > 0 } reason)
        {
            Log.TokenRefused(logger, reason);
        }

        JsonObject? user = null;
        if (status["authenticated"]?.GetValue<bool>() == true && status["user"] is JsonObject given && given.ContainsKey("username"))
        {
            user = new() { ["user"] = given["username"]!.GetValue<string>() };
            foreach (var field in (ReadOnlySpan<string>)["uid", "groups", "extra"])
            {
                if (given[field] is { } value)
                {
                    user[field] = value.DeepClone();
                }
            }
        }

        _users.Set(key, user, TokenLifetime);
        return user;
    }

    private async Task<bool> MayAsync(JsonObject user, string verb, string path, CancellationToken cancellationToken)
    {
        var question = user.DeepClone().AsObject();
        question["nonResourceAttributes"] = new JsonObject { ["path"] = path, ["verb"] = verb };
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(question.ToJsonString())));
        if (_permissions.TryGet(key, out var known))
        {
            return known;
        }

        var status = await ReviewAsync(AccessReviews, question, cancellationToken);
        var may = status["allowed"]?.GetValue<bool>() == true;
        _permissions.Set(key, may, may ? AllowLifetime : DenyLifetime);
        return may;
    }

    /// <summary>Asks, more than once if the server cannot answer just now.</summary>
    /// <returns>The review's status.</returns>
    private async Task<JsonObject> ReviewAsync(ResourceType type, JsonObject spec, CancellationToken cancellationToken)
    {
        var review = DynamicObject.From(new JsonObject { ["apiVersion"] = type.ApiVersion, ["kind"] = type.Kind, ["metadata"] = new JsonObject(), ["spec"] = spec });
        using var deadline = new CancellationTokenSource(ReviewTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        for (var (tries, wait) = (1, FirstWait); ; tries++, wait *= 1.5)
        {
            try
            {
                var answer = await client.CreateAsync(type, review, null, either.Token);
                return answer.ToJson()["status"] as JsonObject ?? throw new InvalidDataException($"the answer to a {type.Kind} has no status");
            }
            catch (Exception error) when (tries < MostTries && MayPass(error))
            {
                await Task.Delay(wait, time, either.Token);
            }
        }
    }

    private static bool MayPass(Exception error) =>
        error is HttpRequestException || (error is ApiException { Code: (int)HttpStatusCode.TooManyRequests or >= (int)HttpStatusCode.InternalServerError });

    // The client that went away is no failure of ours.
    private static bool IsFailure(Exception error, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && error is ApiException or HttpRequestException or TimeoutException or OperationCanceledException or InvalidDataException or InvalidOperationException or FormatException;

    private static string? BearerToken(string header)
    {
        var parts = header.Trim().Split(' ', 3);
        return parts.Length >= 2 && parts[0].Equals("bearer", StringComparison.OrdinalIgnoreCase) && parts[1].Length > 0 ? parts[1] : null;
    }
}
