using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Capstan.Runtime.Bench.Failover;

/// <summary>The operator under test, in a process of its own: for each object it sets <c>seen</c> to what is <c>wanted</c>, and it writes when each run starts and ends to
/// its standard output, a line at a time, so that nothing is lost with it when it is killed.</summary>
internal static class Member
{
    public const string Namespace = "failover";
    public static readonly ResourceType ConfigMaps = new("", "v1", "ConfigMap", "configmaps", Namespaced: true);

    /// <param name="args">Kubeconfig, name, <c>leader</c> or <c>share</c>, and the durations of the lease, the deadline and the retries in seconds.</param>
    public static async Task RunAsync(string[] args)
    {
        var (kubeconfig, name, isLeader) = (args[0], args[1], args[2] == "leader");
        TimeSpan Seconds(int at) => TimeSpan.FromSeconds(double.Parse(args[at], CultureInfo.InvariantCulture));
        using var client = new KubeClient(KubeConfig.Load(kubeconfig), new() { UserAgent = name });
        using var output = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 1) { AutoFlush = true };
        var builder = new OperatorBuilder(client, new()
        {
            Name = name,
            LeaderElection = new() { Enabled = isLeader, LeaseName = "failover", Namespace = Namespace, LeaseDuration = Seconds(3), RenewDeadline = Seconds(4), RetryPeriod = Seconds(5) },
            Sharding = new() { Enabled = !isLeader, Group = "failover", Namespace = Namespace, LeaseDuration = Seconds(3), RenewDeadline = Seconds(4), RetryPeriod = Seconds(5) },
        });
        var maps = builder.AddInformer(ConfigMaps, new() { Namespace = Namespace });
        builder.AddController("failover", controller =>
        {
            controller.For(maps);
            controller.MaxConcurrentReconciles = 4;
            controller.Reconcile = async (key, stop) =>
            {
                var wanted = maps.Cache.Get(key)?.ToJson()["data"] is { } data && (string?)data["wanted"] != (string?)data["seen"] ? (string?)data["wanted"] : null;
                Tell(output, $"start {key.Name} {wanted ?? "-"}");
                try
                {
                    if (wanted is not null)
                    {
                        await client.PatchAsync(ConfigMaps, key, PatchType.Merge, Encoding.UTF8.GetBytes($$$"""{"data":{"seen":"{{{wanted}}}","by":"{{{name}}}"}}"""), cancellationToken: stop);
                    }

                    return ReconcileResult.Done;
                }
                finally
                {
                    Tell(output, $"end {key.Name} {wanted ?? "-"}");
                }
            };
        });
        var runs = builder.Build();
        _ = runs.Synced.ContinueWith(_ => Tell(output, "synced - -"), TaskScheduler.Default);

        // Whoever started this holds the other end: it does not outlive them.
        _ = Task.Run(async () =>
        {
            await Console.In.ReadToEndAsync();
            Environment.Exit(2);
        });
        await runs.RunUntilSignalAsync();
    }

    private static void Tell(StreamWriter output, string what)
    {
        lock (output)
        {
            output.Write($"{Stopwatch.GetTimestamp()} {what}\n");
        }
    }
}
