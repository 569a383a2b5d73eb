using System.Diagnostics.Metrics;

namespace Capstan.Diagnostics;

/// <summary>Instruments of the client, under the names that dashboards of controller-runtime know.</summary>
internal static class ClientInstruments
{
    private static readonly Meter Meter = new("Capstan");

    private static readonly Counter<long> Requests = Meter.CreateCounter<long>(
        "rest_client_requests_total", description: "Number of HTTP requests, partitioned by status code, method, and host.");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "rest_client_request_duration_seconds", "s", "Request latency in seconds. Broken down by verb, and host.");

    private static readonly Counter<long> Retries = Meter.CreateCounter<long>(
        "rest_client_request_retries_total", description: "Number of request retries, partitioned by status code, verb, and host.");

    /// <param name="code">HTTP status code, or <c>&lt;error&gt;</c> when no answer came.</param>
    /// <param name="method">HTTP method.</param>
    /// <param name="host">Host and port of the server.</param>
    /// <param name="elapsed">From sending until the headers of the answer.</param>
    public static void Requested(string code, string method, string host, TimeSpan elapsed)
    {
        Requests.Add(1, new("code", code), new("method", method), new("host", host));
        Duration.Record(elapsed.TotalSeconds, new("verb", method), new KeyValuePair<string, object?>("host", host));
    }

    public static void Retried(string code, string method, string host) =>
        Retries.Add(1, new("code", code), new("verb", method), new KeyValuePair<string, object?>("host", host));
}
