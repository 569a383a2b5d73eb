using System.Diagnostics;
using System.Net.Http.Headers;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Capstan.Diagnostics;

/// <summary>Sends the runtime's spans to a collector (OpenTelemetry protocol over HTTP, JSON). The runtime has few kinds of span and one way out for them: that is less than
/// a package would bring to everybody.</summary>
/// <remarks>Never in the way: what the collector does not take in time is dropped.</remarks>
internal sealed class OtlpExporter : IAsyncDisposable
{
    private const int Capacity = 8192;
    private const int MostInOneRequest = 512;

    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);

    private readonly Channel<Activity> _ended = Channel.CreateBounded<Activity>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { ActivityHeadersPropagator = null, AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly ActivityListener _listener;
    private readonly Uri _traces;
    private readonly string _serviceName;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _sending;
    private long? _warnedAt;

    /// <summary>Listens from now on.</summary>
    /// <param name="endpoint">The collector, for example <c>http://localhost:4318</c>.</param>
    /// <param name="serviceName">Who the spans are of.</param>
    /// <param name="time">Clock of waits.</param>
    /// <param name="logger">For spans that are lost.</param>
    public OtlpExporter(Uri endpoint, string serviceName, TimeProvider time, ILogger logger)
    {
        _traces = new(endpoint.AbsoluteUri.TrimEnd('/') + "/v1/traces");
        _serviceName = serviceName;
        _time = time;
        _logger = logger;
        _listener = new()
        {
            ShouldListenTo = static source => source == Tracing.Source,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => _ended.Writer.TryWrite(span),
        };
        ActivitySource.AddActivityListener(_listener);
        _sending = SendAsync();
    }

    /// <summary>Stops listening; what has ended is still sent, if the collector takes it within a second.</summary>
    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _ended.Writer.TryComplete();
        _stop.CancelAfter(Delay);
        await _sending;
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task SendAsync()
    {
        var batch = new List<Activity>(MostInOneRequest);
        while (await _ended.Reader.WaitToReadAsync())
        {
            await GatherAsync();
            while (batch.Count < MostInOneRequest && _ended.Reader.TryRead(out var span))
            {
                batch.Add(span);
            }

            await PostAsync(batch);
            batch.Clear();
        }
    }

    /// <summary>A moment for more spans, unless there are enough or there will be no more.</summary>
    private async Task GatherAsync()
    {
        if (_ended.Reader.Count < MostInOneRequest && !_ended.Reader.Completion.IsCompleted && !_stop.IsCancellationRequested)
        {
            await Task.Delay(Delay, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PostAsync(List<Activity> batch)
    {
        using var content = new ByteArrayContent(OtlpSpans.Write(_serviceName, batch));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        patience.CancelAfter(RequestTimeout);
        try
        {
            using var answer = await _http.PostAsync(_traces, content, patience.Token);
            answer.EnsureSuccessStatusCode();
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or IOException)
        {
            Warn(batch.Count, error);
        }
    }

    // A collector that is away must not fill the log.
    private void Warn(int lost, Exception error)
    {
        if (_warnedAt is not { } at || _time.GetElapsedTime(at) >= BetweenWarnings)
        {
            _warnedAt = _time.GetTimestamp();
            Log.SpansLost(_logger, lost, _traces.ToString(), error.Message);
        }
    }
}
