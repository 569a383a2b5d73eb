using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Capstan.Dashboard.Trees;
using Microsoft.AspNetCore.Http;

namespace Capstan.Dashboard.Serving;

/// <summary>The page's data: <c>overview</c>, <c>history?after=</c>, <c>search?q=&amp;phase=</c> and <c>objects/KIND/NAMESPACE/NAME</c>. Whoever asks has been let in before.</summary>
/// <param name="data">What there is; waits until it is known.</param>
/// <param name="reader">A client with the rights of who asks; disposed after the answer if it says so.</param>
internal sealed class DataRoutes(Func<CancellationToken, Task<DashboardData>> data, Func<HttpRequest, (KubeClient Client, bool IsOwn)> reader) : IDisposable
{
    // Trees cost the API server requests: few at a time, also if somebody presses a key and keeps it down.
    private const int MostTrees = 4;

    private static readonly TimeSpan TreePatience = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _trees = new(MostTrees, MostTrees);

    /// <summary>Answers a request below a path.</summary>
    public async Task ServeAsync(HttpContext context, string below)
    {
        var (request, response) = (context.Request, context.Response);
        SafeHeaders.Set(response);
        response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsGet(request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        request.Path.StartsWithSegments(below, StringComparison.Ordinal, out var rest);
        var parts = (rest.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        var stop = context.RequestAborted;
        var known = await data(stop);
        await (parts switch
        {
            ["overview"] => WriteAsync(response, known.Overview(), AnswersJson.Default.OverviewAnswer, stop),
            ["history"] => WriteAsync(response, await known.History.AfterAsync(After(request), stop), AnswersJson.Default.HistoryAnswer, stop),
            ["search"] => WriteAsync(response, Search(known, request), AnswersJson.Default.SearchAnswer, stop),
            ["objects", var kind, var @namespace, var name] => WriteAsync(response, await DetailAsync(known, request, kind, new(@namespace, name), stop), AnswersJson.Default.DetailAnswer, stop),
            _ => WriteAsync<OverviewAnswer>(response, null, AnswersJson.Default.OverviewAnswer, stop),
        });
    }

    /// <inheritdoc/>
    public void Dispose() => _trees.Dispose();

    private async Task<DetailAnswer?> DetailAsync(DashboardData known, HttpRequest request, string kind, ObjectKey key, CancellationToken stop)
    {
        await _trees.WaitAsync(stop);
        using var deadline = new CancellationTokenSource(TreePatience);
        var (client, isOwn) = reader(request);
        try
        {
            return await known.DetailAsync(kind, key, new WorkloadTree(client, deadline.Token), stop);
        }
        finally
        {
            _trees.Release();
            if (isOwn)
            {
                client.Dispose();
            }
        }
    }

    private static SearchAnswer Search(DashboardData known, HttpRequest request)
    {
        var words = request.Query["q"].ToString();
        return words.Length > Words.MostLength ? new(0, []) : known.Search(words, request.Query["phase"].ToString() is { Length: > 0 } phase ? phase : null);
    }

    private static long After(HttpRequest request) => long.TryParse(request.Query["after"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var after) ? after : 0;

    private static async Task WriteAsync<T>(HttpResponse response, T? answer, JsonTypeInfo<T> type, CancellationToken stop)
        where T : class
    {
        if (answer is null)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        response.ContentType = "application/json; charset=utf-8";
        await JsonSerializer.SerializeAsync(response.Body, answer, type, stop);
    }
}
