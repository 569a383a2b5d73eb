using System.Text;
using Capstan.Dashboard.Metrics;

namespace Capstan.Tool.Load.Measuring;

/// <summary>Reads the metrics of the operator and of the API server: before the load, now and then, and after it.</summary>
internal sealed class Meter(KubeClient client, ReplicaPages pages, Faults notes) : IAsyncDisposable
{
    private const string ServerCalls = "apiserver_request_total";

    // Often enough that little is lost of a replica that goes.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _end = new();
    private readonly TimeProvider _time = client.Options.TimeProvider;
    private Dictionary<string, double> _before = [], _after = [];
    private Task _sampling = Task.CompletedTask;

    /// <summary>What the replicas use.</summary>
    public ReplicaBook Replicas { get; } = new();

    /// <summary>Calls at the API server since the load began, whoever made them, by verb and resource.</summary>
    public IReadOnlyDictionary<string, long> ServerCallsSince =>
        _after.Select(call => (call.Key, Count: (long)(call.Value - _before.GetValueOrDefault(call.Key)))).Where(call => call.Count > 0).ToDictionary(call => call.Key, call => call.Count);

    /// <summary>Reads all, and counts from here.</summary>
    public async Task BeginAsync(CancellationToken stop)
    {
        await SampleAsync(stop);
        Replicas.Begin();
        _before = await ServerAsync(stop);
        _sampling = Task.Run(() => SampleAsync(Period, _end.Token), CancellationToken.None);
    }

    /// <summary>Reads all once more.</summary>
    public async Task EndAsync(CancellationToken stop)
    {
        await StopAsync();
        _after = await ServerAsync(stop);
        await SampleAsync(stop);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _end.Dispose();
    }

    private async Task StopAsync()
    {
        await _end.CancelAsync();
        await _sampling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task SampleAsync(TimeSpan period, CancellationToken end)
    {
        while (true)
        {
            await Task.Delay(period, _time, end);
            try
            {
                await SampleAsync(end);
            }
            catch (Exception fault) when (fault is HttpRequestException or ApiException or TimeoutException)
            {
                notes.Add($"the operator's metrics: {fault.Message}");
            }
        }
    }

    private async Task SampleAsync(CancellationToken stop)
    {
        foreach (var (replica, page) in await pages.ReadAsync(fault => notes.Add($"metrics of {fault}"), stop))
        {
            Replicas.Take(replica, page);
        }
    }

    private async Task<Dictionary<string, double>> ServerAsync(CancellationToken stop)
    {
        try
        {
            var page = MetricsPage.Read(Encoding.UTF8.GetString(await client.GetRawAsync("/metrics", cancellationToken: stop)), ServerCalls);
            return page.SumBy(ServerCalls, "verb", "resource", "subresource");
        }
        catch (ApiException refused)
        {
            notes.Add($"metrics of the API server: {refused.Message}");
            return [];
        }
    }
}
