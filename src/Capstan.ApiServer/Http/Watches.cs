using System.IO.Pipelines;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;
using Microsoft.AspNetCore.Http;

namespace Capstan.ApiServer.Http;

/// <summary>Streams the changes of a resource to one client: what there is, if it asked for that, then each change as it is written.</summary>
/// <remarks>
/// A watch holds no queue: it reads the log of changes by position, at the pace of its client. When the log has moved past that position
/// the client is told 410 and must list again; so a slow client costs a writer nothing. A client that reads nothing at all is cut by the
/// server's minimum data rate.
/// </remarks>
internal sealed class Watches(Store store, Responder responder, RequestMetrics metrics, TimeProvider clock, CancellationToken stopping)
{
    private const int Batch = 256;

    // Kubernetes ends watches after 30 to 60 minutes; clients resume where they were.
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(45);
    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromMinutes(1);

    // Shortly before the end a client gets the version to resume from.
    private static readonly TimeSpan LastBookmark = TimeSpan.FromSeconds(2);

    private readonly WatchFrames.ByKind _frames = new(clock);

    public async Task RunAsync(HttpContext http, ServedResource served, RequestInfo request, Representation representation)
    {
        var options = ListOptions.Of(request);
        var selection = new Selection(served, request);
        var include = representation.Shape == Shape.Table ? Responder.Include(request) : default;
        var events = new WatchEvents(served, representation, request, responder, _frames.For(served, representation, include));

        var from = options.Revision(ApiError.Unknown);
        var timeout = options.TimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultTimeout;

        using var expiry = new CancellationTokenSource(timeout, clock);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping, expiry.Token);
        using var running = metrics.Running(request);
        http.Response.ContentType = "application/json";
        var body = http.Response.BodyWriter;
        try
        {
            // The headers must not wait for the first event.
            await http.Response.StartAsync(ending.Token);
            await body.FlushAsync(ending.Token);
            var position = await BeginAsync(body, served, options, selection, events, from, ending.Token);
            if (position is { } start)
            {
                await FollowAsync(body, served, options, selection, events, start, timeout, ending.Token);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Timed out, left by the client, or the server stops: a watch just ends.
        }
    }

    private async Task<long?> BeginAsync(
        PipeWriter body, ServedResource served, ListOptions options, Selection selection, WatchEvents events, long? from, CancellationToken ending)
    {
        var log = store.Log(served.Bucket);
        if (options.SendInitialEvents == true && from > store.CommittedRevision)
        {
            await WriteErrorAsync(body, events, ApiError.VersionTooLarge(from.Value, store.CommittedRevision), ending);
            return null;
        }

        var replay = options.SendInitialEvents ?? (from is null or 0);
        if (!replay && from is > 0)
        {
            if (log.TryFind(from.Value, out var resumed))
            {
                events.ResumeAfter(from.Value);
                return resumed;
            }

            await WriteErrorAsync(body, events, ApiError.TooOld(from.Value, log.Compacted), ending);
            return null;
        }

        var snapshot = store.ReadCommitted(served.Bucket);
        log.TryFind(snapshot.Revision, out var position);
        events.ResumeAfter(snapshot.Revision);
        if (replay)
        {
            foreach (var stored in selection.In(snapshot.Objects, selection.First))
            {
                events.Write(body, "ADDED"u8, stored);
                if (body.UnflushedBytes > 64 << 10)
                {
                    await body.FlushAsync(ending);
                }
            }
        }

        if (options is { SendInitialEvents: true, AllowWatchBookmarks: true })
        {
            events.WriteBookmark(body, snapshot.Revision, initialEventsEnd: true);
        }

        await body.FlushAsync(ending);
        return position;
    }

    private async Task FollowAsync(
        PipeWriter body, ServedResource served, ListOptions options, Selection selection, WatchEvents events, long position, TimeSpan timeout, CancellationToken ending)
    {
        var log = store.Log(served.Bucket);
        var changes = new List<Change>();
        var started = clock.GetTimestamp();
        var bookmarkDue = NextBookmark(TimeSpan.Zero, timeout);
        while (!ending.IsCancellationRequested)
        {
            // Read before the log, so that a bookmark never promises more than was sent.
            var revision = store.CommittedRevision;
            if (!log.TryRead(ref position, changes, Batch, out var more))
            {
                await WriteErrorAsync(body, events, ApiError.TooOld(events.Revision, log.Compacted), ending);
                return;
            }

            foreach (var change in changes)
            {
                events.Write(body, selection, change);
            }

            // Also while changes come and come: the client may see none of them.
            var elapsed = clock.GetElapsedTime(started);
            if (options.AllowWatchBookmarks && elapsed >= bookmarkDue)
            {
                events.WriteBookmark(body, more.IsCompleted ? events.Revision : Math.Max(revision, events.Revision), initialEventsEnd: false);
                bookmarkDue = NextBookmark(bookmarkDue, timeout);
            }

            if (body.UnflushedBytes > 0)
            {
                var flushed = await body.FlushAsync(ending);
                if (flushed.IsCompleted)
                {
                    return;
                }
            }

            if (!more.IsCompleted)
            {
                await WaitAsync(more, options.AllowWatchBookmarks ? bookmarkDue - elapsed : Timeout.InfiniteTimeSpan, ending);
            }
        }
    }

    /// <summary>Waits for changes, or until it is time for a bookmark.</summary>
    private async Task WaitAsync(Task changes, TimeSpan longest, CancellationToken ending)
    {
        try
        {
            // Whole milliseconds, upwards: a timer that fires early by a part of one would be set again and again.
            await changes.WaitAsync(longest < TimeSpan.Zero ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Ceiling(longest.TotalMilliseconds) + 1), clock, ending);
        }
        catch (TimeoutException)
        {
            // Time for a bookmark.
        }
    }

    /// <summary>When the bookmark after the one at <paramref name="last"/> is due: at its interval, but once shortly before the end.</summary>
    private static TimeSpan NextBookmark(TimeSpan last, TimeSpan timeout)
    {
        var beforeEnd = timeout - LastBookmark;
        return last < beforeEnd && beforeEnd < last + BookmarkInterval ? beforeEnd : last + BookmarkInterval;
    }

    private static async Task WriteErrorAsync(PipeWriter body, WatchEvents events, ApiError error, CancellationToken ending)
    {
        events.WriteError(body, error);
        await body.FlushAsync(ending);
    }
}
