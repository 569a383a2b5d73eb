using System.Collections.Concurrent;
using Capstan.Caching;
using Capstan.Tool.Load.Measuring;

namespace Capstan.Tool.Load.Work;

/// <summary>Objects that templates made are changed and deleted, in turn, by somebody else: how long until each is as wanted again.</summary>
internal static class DriftLoad
{
    private static readonly ResourceType ConfigMaps = new("", "v1", "ConfigMap", "configmaps", Namespaced: true);

    /// <summary>Does it.</summary>
    public static async Task RunAsync(LoadScene scene, CancellationToken stop)
    {
        var (options, time) = (scene.Options, scene.Time);
        var templates = scene with { Result = new(), BeginMeasuringAsync = static _ => Task.CompletedTask };
        await TemplatesLoad.RunAsync(templates, stop);
        var (changed, deleted) = (scene.Result.Measure("changed to corrected"), scene.Result.Measure("deleted to made again"));
        var expectations = new Expectations(time);
        var wrong = new ConcurrentDictionary<ObjectKey, bool>();
        await using var watch = await ObjectWatch.StartAsync(scene.Client, ConfigMaps, scene.Plan, See, stop);
        await scene.BeginMeasuringAsync(stop);
        var pacer = new Pacer(options.Rate, options.Clients, time);
        if (options.Rate > 0)
        {
            scene.Result.Add("sent late", pacer.Late);
        }

        scene.Result.Unit = "correction";
        var start = time.GetTimestamp();
        await scene.Progress.ShowAsync("objects corrected", options.Drifts, () => expectations.Met, async () =>
        {
            await pacer.TimesAsync(options.Drifts, SpoilAsync, stop);
            await Settling.WaitAsync(scene, expectations, stop);
        });
        (scene.Result.Done, scene.Result.Elapsed) = (expectations.Met, expectations.LastMetAt == 0 ? TimeSpan.Zero : time.GetElapsedTime(start, expectations.LastMetAt));

        async Task SpoilAsync(long number)
        {
            // An object comes again only after all others.
            var key = scene.Plan.ConfigMapOf(number % options.Count, (int)(number / options.Count % options.Resources));
            var deletes = number % 2 == 0;
            if (!expectations.TryExpect(key, 1, deletes ? deleted : changed))
            {
                scene.Faults.Add("an object was due again before it was corrected");
                return;
            }

            Func<Task> spoil = deletes
                ? () => scene.Client.DeleteAsync(ConfigMaps, key, cancellationToken: stop)
                : () => scene.Client.PatchAsync(ConfigMaps, key, PatchType.Merge, """{"data":{"mode":"slow"}}"""u8.ToArray(), cancellationToken: stop);
            if (!await scene.TryAsync(spoil))
            {
                expectations.Drop(key);
            }
        }

        // Only what was seen to be wrong has been put right: an event of before must not count.
        void See(CacheChange change)
        {
            if (change.New is not { } live || !IsAsWanted(live))
            {
                wrong[change.Key] = true;
            }
            else if (wrong.TryRemove(change.Key, out _) || (change.Old is { } old && old.Uid != live.Uid))
            {
                expectations.SeeDone(change.Key, 1);
            }
        }
    }

    private static bool IsAsWanted(DynamicObject live) => live.DeletionTimestamp is null && live.Json.Span.IndexOf("\"mode\":\"fast\""u8) >= 0;
}
