using System.Text;
using Capstan.Tool.Load.Measuring;
using KubeTemplater.Resources;

namespace Capstan.Tool.Load.Work;

/// <summary>A steady mix for a time, over a stock of templates that stays as large as it is: of ten operations two make a template, six change one, two delete one.</summary>
/// <remarks>A template whose last operation is not seen to be done is left alone; when all are such, the operation is left out and counted.</remarks>
internal static class ChurnLoad
{
    private const int Cycle = 10;
    private const int MostLooks = 50;

    /// <summary>Does it.</summary>
    public static async Task RunAsync(LoadScene scene, CancellationToken stop)
    {
        var (options, time) = (scene.Options, scene.Time);
        var made = scene.Result.Measure("created to Completed");
        var changed = scene.Result.Measure("changed to Completed");
        var gone = scene.Result.Measure("deleted to gone");
        var expectations = new Expectations(time);
        var stock = new Stock(options.Count);
        var (heldBack, sent) = (0L, 0L);
        await using var watch = await ObjectWatch.OfTemplatesAsync(scene, expectations, stop);
        var first = new Pacer(0, options.Clients, time);
        var unmeasured = new Durations();
        await scene.Progress.ShowAsync("stock completed", options.Count, () => expectations.Met, async () =>
        {
            await first.TimesAsync(options.Count, number => CreateAsync(number, unmeasured), stop);
            await Settling.WaitAsync(scene, expectations, stop);
        });

        var before = expectations.Met;
        sent = 0;
        var pacer = new Pacer(options.Rate, options.Clients, time);
        scene.Result.Add("sent late", pacer.Late);
        scene.Result.Tell("operations sent", () => sent);
        scene.Result.Tell("operations left out, the operator being behind", () => heldBack);
        scene.Result.Unit = "operation";
        await scene.BeginMeasuringAsync(stop);
        var start = time.GetTimestamp();
        await scene.Progress.ShowAsync("seconds of churn", options.Duration.TotalSeconds, () => Math.Min(options.Duration.TotalSeconds, time.GetElapsedTime(start).TotalSeconds), () => pacer.ForAsync(options.Duration, OperateAsync, stop));
        await scene.Progress.ShowAsync("operations done", sent, () => expectations.Met - before, () => Settling.WaitAsync(scene, expectations, stop));
        scene.Result.Done = expectations.Met - before;
        scene.Result.Elapsed = scene.Result.Done > 0 ? time.GetElapsedTime(start, expectations.LastMetAt) : TimeSpan.Zero;

        Task OperateAsync(long operation) => (operation % Cycle) switch
        {
            0 or 5 => CreateAsync(stock.Next(), made),
            2 or 7 => DeleteAsync(operation),
            _ => ChangeAsync(operation),
        };

        async Task CreateAsync(long number, Durations took)
        {
            var template = scene.Plan.Template(number, owned: true);
            Interlocked.Increment(ref sent);
            expectations.TryExpect(template.Key, 1, took);
            stock.Add(number);
            if (!await scene.TryAsync(() => scene.Client.CreateAsync(KubeTemplate.Resource, template, cancellationToken: stop)))
            {
                expectations.Drop(template.Key);
                stock.Remove(number);
            }
        }

        async Task ChangeAsync(long operation)
        {
            if (Settled(operation, version => version + 1, changed) is not { } one)
            {
                return;
            }

            var spec = Encoding.UTF8.GetBytes($"{{\"spec\":{scene.Plan.Template(one.Number, one.Version, owned: true).ToJson()["spec"]!.ToJsonString()}}}");
            if (!await scene.TryAsync(() => scene.Client.PatchAsync(KubeTemplate.Resource, scene.Plan.KeyOf(one.Number), PatchType.Merge, spec, cancellationToken: stop)))
            {
                expectations.Drop(scene.Plan.KeyOf(one.Number));
            }
        }

        async Task DeleteAsync(long operation)
        {
            if (Settled(operation, _ => Expectations.Gone, gone) is not { } one)
            {
                return;
            }

            stock.Remove(one.Number);
            if (!await scene.TryAsync(() => scene.Client.DeleteAsync(KubeTemplate.Resource, scene.Plan.KeyOf(one.Number), cancellationToken: stop)))
            {
                expectations.Drop(scene.Plan.KeyOf(one.Number));
            }
        }

        // The version of a template is its generation less one: each change makes one more.
        (long Number, long Version)? Settled(long operation, Func<long, long> expected, Durations took)
        {
            for (var look = 0; look < MostLooks; look++)
            {
                if (stock.Pick(operation + (look * 7919L)) is { } one && expectations.TryExpect(scene.Plan.KeyOf(one.Number), expected(one.Version + 1), took))
                {
                    Interlocked.Increment(ref sent);
                    return (one.Number, stock.Changed(one.Number));
                }
            }

            Interlocked.Increment(ref heldBack);
            return null;
        }
    }
}
