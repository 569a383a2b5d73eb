using System.Text;
using Capstan.ApiServer.Bench;
using Capstan.Diagnostics;
using Capstan.Testing;
using Microsoft.Extensions.Logging;

namespace Capstan.Runtime.Bench;

/// <summary>An operator under faults for a long time: 410, cut watches, 429, 500, lost connections and lost leadership, while objects change. At the end all must be
/// reconciled, and memory must be where it was after the first minute.</summary>
internal sealed class Soak
{
    private const string Namespace = "soak";
    private const string UserAgent = "soak-operator";
    private static readonly ResourceType ConfigMaps = new("", "v1", "ConfigMap", "configmaps", Namespaced: true);
    private static readonly ResourceType Namespaces = new("", "v1", "Namespace", "namespaces", Namespaced: false);

    private readonly TestCluster _cluster;
    private readonly int[] _wanted;
    private readonly Random _random = new(1);
    private long _changes, _runs, _starts, _lost;

    private Soak(TestCluster cluster, int objects) => (_cluster, _wanted) = (cluster, new int[objects]);

    public static async Task<bool> RunAsync(TimeSpan length, int objects, int changesPerSecond)
    {
        await using var cluster = await TestCluster.StartAsync(new() { Controllers = false, FaultSeed = 1 });
        var soak = new Soak(cluster, objects);
        await soak.CreateAsync();
        using var stop = new CancellationTokenSource();
        var operating = soak.OperateAsync(stop.Token);
        using var calm = new CancellationTokenSource(length);
        soak.AddFaults();
        Report.Head($"Soak: {objects:#,0} objects, {changesPerSecond} changes a second, {length.TotalMinutes:0.#} minutes of faults", "minute", "changes", "runs", "starts", "faults", "behind", "live heap, MB");
        var minutes = soak.ReportAsync(calm.Token);
        await Task.WhenAll(soak.ChangeAsync(changesPerSecond, calm.Token), soak.DisturbAsync(calm.Token), minutes);
        cluster.Faults.Clear();
        var behind = await soak.SettleAsync();
        Console.WriteLine($"\nAfter the faults: {behind} objects behind of {objects:#,0}; leadership lost {soak._lost} times.");
        await stop.CancelAsync();
        await operating;
        return behind == 0;
    }

    private async Task CreateAsync()
    {
        await _cluster.Client.CreateAsync(Namespaces, Parse($$$"""{"metadata":{"name":"{{{Namespace}}}"}}"""));
        await Parallel.ForEachAsync(Enumerable.Range(0, _wanted.Length), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, stop) =>
            await _cluster.Client.CreateAsync(ConfigMaps, Parse($$$"""{"metadata":{"name":"{{{Name(i)}}}","namespace":"{{{Namespace}}}"},"data":{"wanted":"0"}}"""), cancellationToken: stop));
    }

    // As Kubernetes does it: whatever ends the process, another one is started.
    private async Task OperateAsync(CancellationToken stop)
    {
        using var client = _cluster.NewClient(UserAgent);
        using var loggers = ConsoleLog.CreateFactory(LogLevel.Warning);
        while (!stop.IsCancellationRequested)
        {
            Interlocked.Increment(ref _starts);
            try
            {
                await Build(client, loggers).RunAsync(stop);
            }
            catch (Exception) when (!stop.IsCancellationRequested)
            {
                Interlocked.Increment(ref _lost);
            }
        }
    }

    private Operator Build(KubeClient client, ILoggerFactory loggers)
    {
        var builder = new OperatorBuilder(client, new() { Name = "soak", LoggerFactory = loggers, LeaderElection = new() { Enabled = true, LeaseName = "soak" } });
        var maps = builder.AddInformer(ConfigMaps, new() { Namespace = Namespace });
        builder.AddController("soak", controller =>
        {
            controller.For(maps);
            controller.MaxConcurrentReconciles = 8;
            controller.Reconcile = async (key, cancel) =>
            {
                Interlocked.Increment(ref _runs);
                if (maps.Cache.Get(key)?.ToJson()["data"] is { } data && (string?)data["wanted"] is { } wanted && wanted != (string?)data["seen"])
                {
                    await client.PatchAsync(ConfigMaps, key, PatchType.Merge, Encoding.UTF8.GetBytes($$$"""{"data":{"seen":"{{{wanted}}}"}}"""), cancellationToken: cancel);
                }

                return ReconcileResult.Done;
            };
        });
        return builder.Build();
    }

    private void AddFaults()
    {
        _cluster.Faults.Add(Fault.TooManyRequests(TimeSpan.FromSeconds(1)).From(UserAgent).WithProbability(0.005));
        _cluster.Faults.Add(Fault.InternalError().On("patch").From(UserAgent).WithProbability(0.01));
        _cluster.Faults.Add(Fault.Reset().From(UserAgent).WithProbability(0.002));
        _cluster.Faults.Add(Fault.Expired().On("watch", "configmaps").From(UserAgent).WithProbability(0.05));
        _cluster.Faults.Add(Fault.DropWatch(3000).On("watch", "configmaps").From(UserAgent));
        _cluster.Faults.Add(Fault.SplitEvents(64).On("watch", "configmaps").From(UserAgent).WithProbability(0.5));
    }

    private async Task DisturbAsync(CancellationToken stop)
    {
        for (var second = 1; await WaitAsync(TimeSpan.FromSeconds(1), stop); second++)
        {
            if (second % 20 == 0)
            {
                _cluster.Faults.DropWatches("configmaps");
            }

            if (second % 45 == 0)
            {
                _cluster.Compact();
            }

            if (second % 120 == 60)
            {
                // A renewal every two seconds fails for longer than the renew deadline of ten: leadership is lost.
                _cluster.Faults.Add(Fault.InternalError().On("write", "leases.coordination.k8s.io").From(UserAgent).Times(8));
            }
        }
    }

    private async Task ChangeAsync(int perSecond, CancellationToken stop)
    {
        using var client = _cluster.NewClient("soak-writer");
        var started = TimeProvider.System.GetTimestamp();
        while (await WaitAsync(TimeSpan.FromMilliseconds(50), stop))
        {
            var due = (long)(TimeProvider.System.GetElapsedTime(started).TotalSeconds * perSecond) - _changes;
            await Task.WhenAll(Enumerable.Range(0, (int)Math.Min(due, 100)).Select(_ => _random.Next(_wanted.Length)).Distinct().Select(i =>
            {
                _changes++;
                return client.PatchAsync(ConfigMaps, new(Namespace, Name(i)), PatchType.Merge, Encoding.UTF8.GetBytes($$$"""{"data":{"wanted":"{{{++_wanted[i]}}}"}}"""), cancellationToken: CancellationToken.None);
            }));
        }
    }

    private async Task ReportAsync(CancellationToken stop)
    {
        for (var minute = 1; await WaitAsync(TimeSpan.FromMinutes(1), stop); minute++)
        {
            Report.Row(minute, _changes, Interlocked.Read(ref _runs), Interlocked.Read(ref _starts), (long)_cluster.Faults.Rules.Sum(rule => (long)rule.Injected), await BehindAsync(), GC.GetTotalMemory(forceFullCollection: true) / 1e6);
        }
    }

    private async Task<int> SettleAsync()
    {
        var behind = int.MaxValue;
        for (var second = 0; second < 120 && behind > 0; second++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            behind = await BehindAsync();
        }

        return behind;
    }

    private async Task<int> BehindAsync()
    {
        var all = await _cluster.Client.ListAsync(ConfigMaps, new() { Namespace = Namespace, LabelSelector = "" });
        return all.Items.Count(one => one.ToJson()["data"] is { } data && (string?)data["wanted"] is { } wanted && wanted != ((string?)data["seen"] ?? ""));
    }

    private static async Task<bool> WaitAsync(TimeSpan delay, CancellationToken stop)
    {
        await Task.Delay(delay, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stop.IsCancellationRequested;
    }

    private static string Name(int i) => $"object-{i:00000}";

    private static DynamicObject Parse(string json) => DynamicObject.Parse(Encoding.UTF8.GetBytes(json));
}
