using System.Globalization;
using System.Text.Json;
using Capstan.Client;

namespace Capstan.Watching;

/// <summary>Lists a collection as it is most recently, in the way that is cheapest for the server's version.</summary>
/// <remarks>
/// The first page is asked for without a version, so that no restart sees the past. If it is all, nothing more is asked. If there is more: from 1.34 on
/// a server answers the further pages from its cache; an older one would read each from etcd, so it is asked once for everything, from its cache, not older than the
/// page was.
/// </remarks>
internal sealed class ListRequests(KubeClient client, ResourceType type, WatcherOptions options)
{
    private bool? _pagesFromCache;

    /// <summary>Lists.</summary>
    /// <param name="begin">Called before the first item, and again whenever what was told of items so far does not count.</param>
    /// <param name="item">Called with the JSON of each item, which it must copy.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    /// <returns>Version of the list.</returns>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsForbidden"/>.</exception>
    /// <exception cref="JsonException">The answer is no list.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task<string> RunAsync(Action begin, ItemReader item, CancellationToken cancellationToken)
    {
        begin();
        var page = await PageAsync(client.Options.PageSize, null, null, item, cancellationToken);
        if (string.IsNullOrEmpty(page.Continue))
        {
            return page.ResourceVersion;
        }

        try
        {
            if (!await PagesFromCacheAsync(cancellationToken))
            {
                begin();
                return (await PageAsync(0, page.ResourceVersion, null, item, cancellationToken)).ResourceVersion;
            }

            while (!string.IsNullOrEmpty(page.Continue))
            {
                page = await PageAsync(client.Options.PageSize, null, page.Continue, item, cancellationToken);
            }

            return page.ResourceVersion;
        }
        catch (ApiException error) when (error.IsExpired || error.IsTooLargeResourceVersion)
        {
            // The pages collected so far belong to a version that is gone: mixing them with newer ones would show a state that never was.
            begin();
            return (await PageAsync(0, null, null, item, cancellationToken)).ResourceVersion;
        }
    }

    private async Task<ListCutter> PageAsync(int limit, string? notOlderThan, string? next, ItemReader item, CancellationToken cancellationToken)
    {
        var query = new QueryText().Add("labelSelector", options.LabelSelector).Add("fieldSelector", options.FieldSelector)
            .Add("limit", limit > 0 ? limit.ToString(CultureInfo.InvariantCulture) : null).Add("continue", next);
        if (notOlderThan is not null)
        {
            query.Add("resourceVersion", notOlderThan).Add("resourceVersionMatch", "NotOlderThan");
        }

        var timeout = client.Options.RequestTimeout;
        var description = $"LIST {type.GroupResource}{(string.IsNullOrEmpty(options.Namespace) ? "" : $" in {options.Namespace}")}";
        using var answer = await AnswerStream.OpenAsync(
            client, type.CollectionPath(options.Namespace) + query, options.MetadataOnly ? MediaTypes.MetadataList : null, description, TimeSpan.FromDays(1), timeout, cancellationToken);
        answer.Patience = timeout;
        var cutter = new ListCutter(item);
        var enough = 0;
        while (await answer.ReadMoreAsync(cancellationToken))
        {
            // What is not whole is read from its start again: not before there is twice as much, or a large object would take the square of its size.
            if (answer.Unread.Length >= enough)
            {
                answer.Consume(cutter.Take(answer.Unread, isLast: false));
                enough = 2 * answer.Unread.Length;
            }
        }

        cutter.Take(answer.Unread, isLast: true);
        return cutter;
    }

    /// <summary>Whether the server has consistent reads and pages from its cache (Kubernetes 1.34). One that does not tell its version is taken for new: that is always right, if
    /// not always cheap.</summary>
    private async ValueTask<bool> PagesFromCacheAsync(CancellationToken cancellationToken)
    {
        if (_pagesFromCache is { } known)
        {
            return known;
        }

        try
        {
            using var version = JsonDocument.Parse(await client.GetRawAsync("/version", null, cancellationToken));
            _pagesFromCache = !IsBefore(version.RootElement, 1, 34);
        }
        catch (Exception error) when (error is ApiException or JsonException)
        {
            _pagesFromCache = true;
        }

        return _pagesFromCache.Value;
    }

    private static bool IsBefore(JsonElement version, int major, int minor) =>
        Number(version, "major") is { } ours && Number(version, "minor") is { } theirs && (ours, theirs).CompareTo((major, minor)) < 0;

    /// <summary>Providers write "33+".</summary>
    private static int? Number(JsonElement version, string name) =>
        version.ValueKind == JsonValueKind.Object && version.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String
        && int.TryParse(text.GetString()!.TrimEnd('+'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
