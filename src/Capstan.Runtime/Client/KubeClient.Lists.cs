using System.Globalization;
using System.Runtime.CompilerServices;
using Capstan.Client;

namespace Capstan;

public sealed partial class KubeClient
{
    /// <summary>Lists objects, page after page. A list that expires on the way is taken again in one piece.</summary>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsForbidden"/>.</exception>
    public Task<KubeList<DynamicObject>> ListAsync(ResourceType type, ListOptions? options = null, CancellationToken cancellationToken = default) =>
        ListAllAsync(type, options ?? new ListOptions(), cancellationToken);

    /// <summary>Goes through objects as they come over the wire: neither the list nor a page of it is ever whole in memory.</summary>
    /// <remarks>
    /// The server waits for who goes through it, a minute for a page: be quick, or ask for small pages. A list that expires on the way
    /// (<see cref="ApiException.IsExpired"/>) cannot go on as of the same moment; begin again.
    /// </remarks>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsForbidden"/>.</exception>
    /// <exception cref="HttpRequestException">The connection broke when part of a page had been told.</exception>
    public async IAsyncEnumerable<DynamicObject> EnumerateAsync(
        ResourceType type, ListOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        options ??= new ListOptions();
        string? next = null;
        do
        {
            var items = new List<DynamicObject>();
            var page = new ListReader(json => items.Add(DynamicObject.CopyFrom(json, type)));
            var request = PageRequest(type, options, next);
            using var response = await _sender.OpenAsync(request, Options.RequestTimeout, cancellationToken);
            using var patience = new CancellationTokenSource(Options.RequestTimeout, Options.TimeProvider);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            using var stream = new ListStream(await response.Content.ReadAsStreamAsync(both.Token), page);
            while (true)
            {
                patience.CancelAfter(Options.RequestTimeout);
                items.Clear();
                if (!await InTimeAsync(request, patience, cancellationToken, () => stream.ReadAsync(both.Token).AsTask()))
                {
                    break;
                }

                // The time that the consumer takes is its own.
                patience.CancelAfter(Timeout.InfiniteTimeSpan);
                foreach (var item in items)
                {
                    yield return item;
                }
            }

            _sender.CountReceived(request, stream.BytesRead);
            next = page.Continue;
        }
        while (!string.IsNullOrEmpty(next));
    }

    /// <summary>As <see cref="EnumerateAsync(ResourceType, ListOptions?, CancellationToken)"/>, decoded.</summary>
    /// <exception cref="ApiException">For example <see cref="ApiException.IsForbidden"/>.</exception>
    public async IAsyncEnumerable<T> EnumerateAsync<T>(ListOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where T : KubeObject, IKubeObject<T>
    {
        await foreach (var item in EnumerateAsync(T.Resource, options, cancellationToken))
        {
            yield return item.To<T>();
        }
    }

    /// <summary>Gets one page, whose items are told as they come.</summary>
    /// <param name="type">Kind of the objects.</param>
    /// <param name="options">Which objects, and how many.</param>
    /// <param name="next">Where the page before ended; null for the first.</param>
    /// <param name="begin">Called before the first item, and again when the connection broke, after which all items come again.</param>
    /// <param name="item">Called with each item.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    internal Task<ListReader> ReadPageAsync(
        ResourceType type, ListOptions options, string? next, Action? begin, ItemReader item, CancellationToken cancellationToken)
    {
        var request = PageRequest(type, options, next);
        return _sender.SendAsync(request, ReadAsync, cancellationToken);

        async ValueTask<ListReader> ReadAsync(HttpContent content, CancellationToken token)
        {
            begin?.Invoke();
            var reader = new ListReader(item);
            using var stream = new ListStream(await content.ReadAsStreamAsync(token), reader);
            while (await stream.ReadAsync(token))
            {
            }

            _sender.CountReceived(request, stream.BytesRead);
            return reader;
        }
    }

    private async Task<KubeList<DynamicObject>> ListAllAsync(ResourceType type, ListOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await ListPagesAsync(type, options, cancellationToken);
        }
        catch (ApiException error) when (error.IsExpired && options.PageSize != 0 && options.ResourceVersionMatch != "Exact")
        {
            // The pages collected so far belong to a version that is gone: mixing them with newer ones would show a state that never was.
            var whole = options with { PageSize = 0, ResourceVersion = null, ResourceVersionMatch = null };
            return await ListPagesAsync(type, whole, cancellationToken);
        }
    }

    private async Task<KubeList<DynamicObject>> ListPagesAsync(ResourceType type, ListOptions options, CancellationToken cancellationToken)
    {
        var items = new List<DynamicObject>();
        string? next = null;
        while (true)
        {
            var known = items.Count;
            var page = await ReadPageAsync(
                type, options, next, () => items.RemoveRange(known, items.Count - known), json => items.Add(DynamicObject.CopyFrom(json, type)), cancellationToken);
            if (string.IsNullOrEmpty(page.Continue))
            {
                return new(items, page.ResourceVersion);
            }

            next = page.Continue;
        }
    }

    private ApiRequest PageRequest(ResourceType type, ListOptions options, string? next)
    {
        var pageSize = options.PageSize ?? Options.PageSize;
        var query = new QueryText().Add("labelSelector", options.LabelSelector).Add("fieldSelector", options.FieldSelector)
            .Add("limit", pageSize > 0 ? pageSize.ToString(CultureInfo.InvariantCulture) : null)
            .Add("continue", next);
        if (string.IsNullOrEmpty(next))
        {
            // With a continue token the server refuses a version: the token has it.
            query.Add("resourceVersion", options.ResourceVersion).Add("resourceVersionMatch", options.ResourceVersionMatch);
        }

        return new(HttpMethod.Get, RequestPath.Collection(type, options.Namespace) + query, $"LIST {Describe(type, new(options.Namespace ?? "", ""), null)}")
        {
            Accept = options.MetadataOnly ? MediaTypes.MetadataList : null,
            Class = RequestClass.List,
        };
    }

    private async Task<T> InTimeAsync<T>(ApiRequest request, CancellationTokenSource patience, CancellationToken cancellationToken, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{request.Description}: no answer within {Options.RequestTimeout.TotalSeconds:0.#} s");
        }
        catch (Exception broken) when (broken is IOException or InvalidDataException)
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, $"{request.Description}: {broken.Message}", broken);
        }
    }
}
