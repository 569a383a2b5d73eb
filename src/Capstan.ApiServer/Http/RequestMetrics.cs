using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Capstan.ApiServer.Http;

/// <summary>Counts requests as kube-apiserver does, and prints them in Prometheus' text format 0.0.4.</summary>
internal sealed class RequestMetrics
{
    private readonly ConcurrentDictionary<Labels, Counter> _finished = new();
    private readonly ConcurrentDictionary<Labels, Counter> _longRunning = new();

    /// <summary>Counts a finished request.</summary>
    public void Finished(RequestInfo request, string? contentType, int code) =>
        Interlocked.Increment(ref _finished.GetOrAdd(Labels.Of(request, contentType, code), _ => new Counter()).Value);

    /// <summary>Counts a watch as running until the result is disposed.</summary>
    public IDisposable Running(RequestInfo request)
    {
        var counter = _longRunning.GetOrAdd(Labels.Of(request, null, 0), _ => new Counter());
        Interlocked.Increment(ref counter.Value);
        return new RunningRequest(counter);
    }

    public string Exposition()
    {
        var text = new StringBuilder();
        text.Append("# HELP apiserver_request_total Finished requests by verb, group, version, resource, subresource, scope, component and HTTP code.\n");
        text.Append("# TYPE apiserver_request_total counter\n");
        foreach (var (labels, counter) in _finished.OrderBy(c => c.Key.ToString(), StringComparer.Ordinal))
        {
            Line(text, "apiserver_request_total", $"code=\"{labels.Code.ToString(CultureInfo.InvariantCulture)}\",component=\"apiserver\",dry_run=\"{labels.DryRun}\",", labels, counter);
        }

        text.Append("# HELP apiserver_longrunning_requests Watches that are running.\n");
        text.Append("# TYPE apiserver_longrunning_requests gauge\n");
        foreach (var (labels, counter) in _longRunning.OrderBy(c => c.Key.ToString(), StringComparer.Ordinal))
        {
            Line(text, "apiserver_longrunning_requests", "component=\"apiserver\",", labels, counter);
        }

        return text.ToString();
    }

    private static void Line(StringBuilder text, string name, string first, Labels labels, Counter counter) => text.Append(
        CultureInfo.InvariantCulture,
        $"{name}{{{first}group=\"{labels.Group}\",resource=\"{labels.Resource}\",scope=\"{labels.Scope}\",subresource=\"{labels.Subresource}\",verb=\"{labels.Verb}\",version=\"{labels.Version}\"}} {Volatile.Read(ref counter.Value)}\n");

    private sealed class Counter
    {
        public long Value;
    }

    private sealed class RunningRequest(Counter counter) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref counter.Value);
    }

    private sealed record Labels(string Verb, string Group, string Version, string Resource, string Subresource, string Scope, int Code, string DryRun)
    {
        public static Labels Of(RequestInfo request, string? contentType, int code) => request.Served
            ? new(VerbOf(request, contentType), request.Group, request.Version, request.Resource, request.Subresource, request.Scope, code, request.Query["dryRun"] == "All" ? "All" : "")
            : new(request.Method is "GET" or "POST" or "PUT" or "PATCH" or "DELETE" or "HEAD" ? request.Method : "OTHER", "", "", "", "", "", code, "");

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
