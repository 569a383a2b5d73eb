using Capstan.Tool.Load.Measuring;
using KubeTemplater.Resources;

namespace Capstan.Tool.Load.Work;

/// <summary>Many new templates: how fast they are completed, and how long each takes.</summary>
internal static class TemplatesLoad
{
    /// <summary>Does it.</summary>
    public static async Task RunAsync(LoadScene scene, CancellationToken stop)
    {
        var (options, plan, time) = (scene.Options, scene.Plan, scene.Time);
        var stored = scene.Result.Measure("create call");
        var completed = scene.Result.Measure("created to Completed");
        var expectations = new Expectations(time);
        await using var watch = await ObjectWatch.OfTemplatesAsync(scene, expectations, stop);
        await using var pause = options.BeforeStart ? await OperatorPause.BeginAsync(scene.Client, options.OperatorNamespace, options.Patience, stop) : null;
        await scene.BeginMeasuringAsync(stop);
        var pacer = new Pacer(options.Rate, options.Clients, time);
        var start = time.GetTimestamp();
        await scene.Progress.ShowAsync("templates stored", options.Count, () => stored.Count, () => pacer.TimesAsync(options.Count, CreateAsync, stop));
        if (pause is not null)
        {
            await pause.EndAsync(stop);
            start = time.GetTimestamp();
            expectations.BeginNow();
        }

        await scene.Progress.ShowAsync("templates completed", options.Count, () => expectations.Met, () => Settling.WaitAsync(scene, expectations, stop));
        (scene.Result.Done, scene.Result.Elapsed) = (expectations.Met, expectations.LastMetAt == 0 ? TimeSpan.Zero : time.GetElapsedTime(start, expectations.LastMetAt));

        async Task CreateAsync(long number)
        {
            var template = plan.Template(number);
            expectations.TryExpect(template.Key, 1, completed);
            if (!await scene.TryAsync(() => scene.Client.CreateAsync(KubeTemplate.Resource, template, cancellationToken: stop), stored))
            {
                expectations.Drop(template.Key);
            }
        }
    }
}
