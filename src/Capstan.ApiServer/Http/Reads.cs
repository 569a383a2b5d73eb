using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Http;

/// <summary>Get and list.</summary>
internal sealed class Reads(Store store)
{
    public Answer Get(ServedResource served, RequestInfo request)
    {
        CheckReached(new ListOptions(0, "", request.Query["resourceVersion"].ToString(), "", null, false, null));
        var stored = (request.Lag == 0 ? store.FindCommitted(served.Bucket, request.Key) : Now(served, request).Objects.Find(request.Key)) ?? throw ApiError.NotFound(request.GroupResource, request.Name);
        return new ObjectAnswer(200, served, ObjectBytes.InVersion(served, stored));
    }

    public ListAnswer List(ServedResource served, RequestInfo request)
    {
        var options = ListOptions.Of(request);
        var selection = new Selection(served, request);
        var (snapshot, first, pages) = Snapshot(served, request, options, selection);
        var items = new List<StoredObject>();
        foreach (var stored in selection.In(snapshot.Objects, first))
        {
            items.Add(stored);
            if (pages && items.Count == options.Limit)
            {
                break;
            }
        }

        // Whether there is more is asked of all objects, also of those that a selector would leave out.
        if (pages && items.Count == options.Limit && !selection.IsOne && selection.CountAfter(snapshot.Objects, items[^1].Key) is > 0 and var remaining)
        {
            var last = items[^1].Key;
            var token = new ListToken(snapshot.Revision, last with { Name = last.Name + "\0" });
            return new ListAnswer(served, items, snapshot.Revision, token.Encode(), selection.IsNarrow ? null : remaining);
        }

        return new ListAnswer(served, items, snapshot.Revision, null, null);
    }

    private (Snapshot Snapshot, ObjectKey First, bool Pages) Snapshot(ServedResource served, RequestInfo request, ListOptions options, Selection selection)
    {
        var pages = options.Limit > 0;
        if (options.Continue.Length > 0)
        {
            var token = ListToken.Decode(options.Continue);
            if (options.ResourceVersion is not ("" or "0"))
            {
                throw ApiError.BadRequest("specifying resource version is not allowed when using continue");
            }

            var page = token.IsInconsistent
                ? Now(served, request)
                : store.ReadAt(served.Bucket, token.Revision) ?? throw ApiError.PageExpired(token.AtLatest().Encode());
            return (page, token.Start > selection.First ? token.Start : selection.First, pages && options.ResourceVersion != "0");
        }

        var at = CheckReached(options);

        // A limit makes a version exact unless it says otherwise: what Kubernetes did before resourceVersionMatch was there.
        if (at > 0 && (options.ResourceVersionMatch == "Exact" || (pages && options.ResourceVersionMatch.Length == 0)))
        {
            var past = store.ReadAt(served.Bucket, at) ?? throw ApiError.Expired("The resourceVersion for the provided list is too old.");
            return (past, selection.First, pages);
        }

        // A list "from any version" is answered whole, limit or not.
        return (Now(served, request), selection.First, pages && options.ResourceVersion != "0");
    }

    /// <summary>The state that clients see; an older one where this request is to be answered late, but none older than it asks for.</summary>
    private Snapshot Now(ServedResource served, RequestInfo request)
    {
        if (request.Lag > 0)
        {
            _ = long.TryParse(request.Query["resourceVersion"].ToString(), out var asked);
            var at = Math.Max(Math.Max(store.CommittedRevision - request.Lag, asked), store.Log(served.Bucket).Compacted);
            if (store.ReadAt(served.Bucket, at) is { } past)
            {
                return past;
            }
        }

        return store.ReadCommitted(served.Bucket);
    }

    private long CheckReached(ListOptions options)
    {
        var at = options.Revision(why => ApiError.BadRequest($"invalid resource version: {why}")) ?? 0;
        return at <= store.CommittedRevision ? at : throw ApiError.VersionTooLarge(at, store.CommittedRevision);
    }
}
