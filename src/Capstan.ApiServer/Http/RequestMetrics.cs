using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Capstan.ApiServer.Http;

/// <summary>Counts requests as kube-apiserver does, and how long they took.</summary>
internal sealed class RequestMetrics
{
    private readonly ConcurrentDictionary<Labels, Counter> _finished = new();
    private readonly ConcurrentDictionary<Labels, Counter> _longRunning = new();
    private readonly ConcurrentDictionary<Labels, DurationHistogram> _durations = new();
    private readonly Counter _reading = new();
    private readonly Counter _writing = new();

    /// <summary>Counts a request as being answered until the result is disposed, but for watches: they are always there.</summary>
    public IDisposable? Answering(RequestInfo request)
    {
        if (request.Verb == "watch")
        {
            return null;
        }

        var counter = request.Method is "GET" or "HEAD" ? _reading : _writing;
        Interlocked.Increment(ref counter.Value);
        return new Held(counter);
    }

    /// <summary>Counts a finished request.</summary>
    public void Finished(RequestInfo request, string? contentType, int code, TimeSpan duration)
    {
        var labels = Labels.Of(request, contentType, code);
        Interlocked.Increment(ref _finished.GetOrAdd(labels, _ => new Counter()).Value);

        // How long a watch ran says nothing about the server.
        if (labels.Verb != "WATCH")
        {
            _durations.GetOrAdd(labels with { Code = 0 }, _ => new DurationHistogram()).Add(duration);
        }
    }

    /// <summary>Counts a watch as running until the result is disposed.</summary>
    public IDisposable Running(RequestInfo request)
    {
        var counter = _longRunning.GetOrAdd(Labels.Of(request, null, 0), _ => new Counter());
        Interlocked.Increment(ref counter.Value);
        return new Held(counter);
    }

    public void Write(StringBuilder text)
    {
        MetricsPage.Head(text, "apiserver_request_total", "counter", "Finished requests by verb, group, version, resource, subresource, scope, component and HTTP code.");
        foreach (var (labels, counter) in Sorted(_finished))
        {
            var code = labels.Code.ToString(CultureInfo.InvariantCulture);
            Line(text, "apiserver_request_total", $"code=\"{code}\",component=\"apiserver\",dry_run=\"{labels.DryRun}\",{labels}", Volatile.Read(ref counter.Value));
        }

        MetricsPage.Head(text, "apiserver_request_duration_seconds", "histogram", "How long requests took, in seconds; watches are not among them.");
        foreach (var (labels, histogram) in Sorted(_durations))
        {
            histogram.Write(text, "apiserver_request_duration_seconds", $"component=\"apiserver\",dry_run=\"{labels.DryRun}\",{labels}");
        }

        MetricsPage.Head(text, "apiserver_longrunning_requests", "gauge", "Watches that are running.");
        foreach (var (labels, counter) in Sorted(_longRunning))
        {
            Line(text, "apiserver_longrunning_requests", $"component=\"apiserver\",{labels}", Volatile.Read(ref counter.Value));
        }

        MetricsPage.Head(text, "apiserver_current_inflight_requests", "gauge", "Requests being answered now, but for watches.");
        Line(text, "apiserver_current_inflight_requests", "request_kind=\"mutating\"", Volatile.Read(ref _writing.Value));
        Line(text, "apiserver_current_inflight_requests", "request_kind=\"readOnly\"", Volatile.Read(ref _reading.Value));
    }

    private static IEnumerable<KeyValuePair<Labels, T>> Sorted<T>(ConcurrentDictionary<Labels, T> series) =>
        series.OrderBy(s => s.Key.ToString(), StringComparer.Ordinal).ThenBy(s => s.Key.Code).ThenBy(s => s.Key.DryRun, StringComparer.Ordinal);

    private static void Line(StringBuilder text, string name, string labels, long value) => text.Append(CultureInfo.InvariantCulture, $"{name}{{{labels}}} {value}\n");

    private sealed class Counter
    {
        public long Value;
    }

    private sealed class Held(Counter counter) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref counter.Value);
    }

    private sealed record Labels(string Verb, string Group, string Version, string Resource, string Subresource, string Scope, int Code, string DryRun)
    {
        public static Labels Of(RequestInfo request, string? contentType, int code) => request.Served
            ? new(VerbOf(request, contentType), request.Group, request.Version, request.Resource, request.Subresource, request.Scope, code, request.Query["dryRun"] == "All" ? "All" : "")
            : new(request.Method is "GET" or "POST" or "PUT" or "PATCH" or "DELETE" or "HEAD" ? request.Method : "OTHER", "", "", "", "", "", code, "");

        public override string ToString() =>
            $"group=\"{Group}\",resource=\"{Resource}\",scope=\"{Scope}\",subresource=\"{Subresource}\",verb=\"{Verb}\",version=\"{Version}\"";

        private static string VerbOf(RequestInfo request, string? contentType) => request.Verb switch
        {
            "get" => "GET",
            "list" => "LIST",
            "watch" => "WATCH",
            "create" => "POST",
            "update" => "PUT",
            "patch" => contentType is not null && contentType.StartsWith("application/apply-patch", StringComparison.Ordinal) ? "APPLY" : "PATCH",
            "delete" => "DELETE",
            "deletecollection" => "DELETECOLLECTION",
            var other => other.ToUpperInvariant(),
        };
    }
}
