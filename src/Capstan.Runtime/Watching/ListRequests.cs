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
    /// <exception cref="HttpRequestException">The connection broke.</exception>
    public async Task<string> RunAsync(Action begin, ItemReader item, CancellationToken cancellationToken)
    {
        var page = await PageAsync(client.Options.PageSize, null, null, begin, item, cancellationToken);
        if (string.IsNullOrEmpty(page.Continue))
        {
            return page.ResourceVersion;
        }

        try
        {
            if (!await PagesFromCacheAsync(cancellationToken))
            {
                return (await PageAsync(0, page.ResourceVersion, null, begin, item, cancellationToken)).ResourceVersion;
            }

            while (!string.IsNullOrEmpty(page.Continue))
            {
                page = await PageAsync(client.Options.PageSize, null, page.Continue, null, item, cancellationToken);
            }

            return page.ResourceVersion;
        }
        catch (ApiException error) when (error.IsExpired || error.IsTooLargeResourceVersion)
        {
            // The pages collected so far belong to a version that is gone: mixing them with newer ones would show a state that never was.
            return (await PageAsync(0, null, null, begin, item, cancellationToken)).ResourceVersion;
        }
    }

    private Task<ListReader> PageAsync(int limit, string? notOlderThan, string? next, Action? begin, ItemReader item, CancellationToken cancellationToken)
    {
        var selection = new ListOptions
        {
            Namespace = options.Namespace,
            LabelSelector = options.LabelSelector,
            FieldSelector = options.FieldSelector,
            MetadataOnly = options.MetadataOnly,
            PageSize = limit,
            ResourceVersion = notOlderThan,
            ResourceVersionMatch = notOlderThan is null ? null : "NotOlderThan",
        };

        // When the connection breaks the page is asked for again: a further one gives the same items, another first one begins anew.
        return client.ReadPageAsync(type, selection, next, begin, item, cancellationToken);
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
