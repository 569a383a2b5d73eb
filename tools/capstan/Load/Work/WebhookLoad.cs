using KubeTemplater.Resources;

namespace Capstan.Tool.Load.Work;

/// <summary>Admission requests at a rate: templates that are created as dry runs, so that the API server asks the operator about each and stores none.</summary>
internal static class WebhookLoad
{
    /// <summary>Does it.</summary>
    public static async Task RunAsync(LoadScene scene, CancellationToken stop)
    {
        var (options, time) = (scene.Options, scene.Time);
        var asked = scene.Result.Measure("dry run of a create");
        var pacer = new Pacer(options.Rate, options.Clients, time);
        scene.Result.Unit = "request";
        if (options.Rate > 0)
        {
            scene.Result.Add("sent late", pacer.Late);
        }

        await scene.BeginMeasuringAsync(stop);
        var start = time.GetTimestamp();
        await scene.Progress.ShowAsync(
            "seconds of admission",
            options.Duration.TotalSeconds,
            () => Math.Min(options.Duration.TotalSeconds, time.GetElapsedTime(start).TotalSeconds),
            () => pacer.ForAsync(options.Duration, AskAsync, stop));
        (scene.Result.Done, scene.Result.Elapsed) = (asked.Count, time.GetElapsedTime(start));

        Task AskAsync(long number) =>
            scene.TryAsync(() => scene.Client.CreateAsync(KubeTemplate.Resource, scene.Plan.Template(number), new() { DryRun = true }, stop), asked);
    }
}
