using System.Diagnostics;
using System.Globalization;
using System.Text;
using Capstan.Testing;

namespace Capstan.Runtime.Bench.Failover;

/// <summary>Objects that are changed all the time, and when each change was made.</summary>
internal sealed class Changes(TestCluster cluster, int count)
{
    private static readonly ResourceType Namespaces = new("", "v1", "Namespace", "namespaces", Namespaced: false);

    private readonly List<(string Key, long Number, long At)> _made = [];
    private readonly Random _random = new(1);
    private long _last;

    public async Task CreateAsync()
    {
        await cluster.Client.CreateAsync(Namespaces, Parse($$$"""{"metadata":{"name":"{{{Member.Namespace}}}"}}"""));
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, stop) =>
            await cluster.Client.CreateAsync(Member.ConfigMaps, Parse($$$"""{"metadata":{"name":"{{{Name(i)}}}","namespace":"{{{Member.Namespace}}}"},"data":{"wanted":"0","seen":"0"}}"""), cancellationToken: stop));
    }

    /// <summary>Changes objects by chance until cancelled.</summary>
    public async Task RunAsync(TimeSpan pause, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await ChangeAsync(_random.Next(count));
            await Task.Delay(pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Changes every object once, waits until all are reconciled, and says by whom.</summary>
    public async Task<Dictionary<string, string>> OwnersAsync()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, _) => await ChangeAsync(i));
        while (true)
        {
            var all = (await cluster.Client.ListAsync(Member.ConfigMaps, new() { Namespace = Member.Namespace })).Items.Select(one => (one.Key.Name, Data: one.ToJson()["data"]!)).ToList();
            if (all.All(one => (string?)one.Data["wanted"] == (string?)one.Data["seen"]))
            {
                return all.ToDictionary(one => one.Name, one => (string)one.Data["by"]!);
            }

            await Task.Delay(100);
        }
    }

    /// <summary>The longest that a change made in this time waited for the start of a run that saw it, in seconds: a key that nobody owns waits for an owner.</summary>
    public double LongestWait(IEnumerable<MemberProcess> members, long from, long to)
    {
        var starts = members.SelectMany(member => member.Lines).Where(line => line.What == "start" && line.Wanted > 0).ToLookup(line => line.Key);
        lock (_made)
        {
            return _made.Where(one => one.At >= from && one.At <= to)
                .Select(one => starts[one.Key].Where(line => line.Wanted >= one.Number).Select(line => Seconds(line.At - one.At)).DefaultIfEmpty(double.PositiveInfinity).Min())
                .DefaultIfEmpty(0).Max();
        }
    }

    public static double Seconds(long ticks) => (double)ticks / Stopwatch.Frequency;

    private async Task ChangeAsync(int i)
    {
        var number = Interlocked.Increment(ref _last);
        var at = Stopwatch.GetTimestamp();
        await cluster.Client.PatchAsync(Member.ConfigMaps, new(Member.Namespace, Name(i)), PatchType.Merge, Encoding.UTF8.GetBytes($$$"""{"data":{"wanted":"{{{number}}}"}}"""));
        lock (_made)
        {
            _made.Add((Name(i), number, at));
        }
    }

    private static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"object-{i:00000}");

    private static DynamicObject Parse(string json) => DynamicObject.Parse(Encoding.UTF8.GetBytes(json));
}
