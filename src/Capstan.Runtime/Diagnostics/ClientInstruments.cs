using System.Diagnostics.Metrics;
using System.Globalization;

namespace Capstan.Diagnostics;

/// <summary>Instruments of the client, under the names and with the buckets that dashboards of controller-runtime know.</summary>
internal static class ClientInstruments
{
    private static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60] };

    private static readonly InstrumentAdvice<double> ResolvingSeconds = new() { HistogramBucketBoundaries = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30] };

    private static readonly InstrumentAdvice<long> Bytes = new() { HistogramBucketBoundaries = [64, 256, 512, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216] };

    private static readonly Meter Meter = new("Capstan");

    private static readonly Counter<long> Requests = Meter.CreateCounter<long>(
        "rest_client_requests_total", description: "Number of HTTP requests, partitioned by status code, method, and host.");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "rest_client_request_duration_seconds", "s", "Request latency in seconds. Broken down by verb, and host.", advice: Seconds);

    private static readonly Histogram<double> Resolving = Meter.CreateHistogram(
        "rest_client_dns_resolution_duration_seconds", "s", "DNS resolver latency in seconds. Broken down by host.", advice: ResolvingSeconds);

    private static readonly Histogram<long> RequestSize = Meter.CreateHistogram(
        "rest_client_request_size_bytes", "By", "Request size in bytes. Broken down by verb and host.", advice: Bytes);

    private static readonly Histogram<long> ResponseSize = Meter.CreateHistogram(
        "rest_client_response_size_bytes", "By", "Response size in bytes. Broken down by verb and host.", advice: Bytes);

    private static readonly Histogram<double> Held = Meter.CreateHistogram(
        "rest_client_rate_limiter_duration_seconds", "s", "Client side rate limiter latency in seconds. Broken down by verb, and host.", advice: Seconds);

    private static readonly Counter<long> Retries = Meter.CreateCounter<long>(
        "rest_client_request_retries_total", description: "Number of request retries, partitioned by status code, verb, and host.");

    /// <summary>Code of a request that got no answer.</summary>
    public const int NoAnswer = 0;

    /// <param name="code">HTTP status code, or <see cref="NoAnswer"/>.</param>
    /// <param name="method">HTTP method.</param>
    /// <param name="host">Host and port of the server.</param>
    /// <param name="elapsed">From sending until the headers of the answer.</param>
    public static void Requested(int code, string method, string host, TimeSpan elapsed)
    {
        if (Requests.Enabled)
        {
            Requests.Add(1, new("code", Text(code)), new("method", method), new("host", host));
        }

        Duration.Record(elapsed.TotalSeconds, new("verb", method), new KeyValuePair<string, object?>("host", host));
    }

    public static void Sent(string method, string host, long bytes) =>
        RequestSize.Record(bytes, new("verb", method), new KeyValuePair<string, object?>("host", host));

    public static void Received(string method, string host, long bytes) =>
        ResponseSize.Record(bytes, new("verb", method), new KeyValuePair<string, object?>("host", host));

    public static void HeldBack(string method, string host, TimeSpan elapsed) =>
        Held.Record(elapsed.TotalSeconds, new("verb", method), new KeyValuePair<string, object?>("host", host));

    public static void Resolved(string host, TimeSpan elapsed) => Resolving.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("host", host));

    public static void Retried(int code, string method, string host) =>
        Retries.Add(1, new("code", Text(code)), new("verb", method), new KeyValuePair<string, object?>("host", host));

    private static string Text(int code) => code == NoAnswer ? "<error>" : code.ToString(CultureInfo.InvariantCulture);
}
