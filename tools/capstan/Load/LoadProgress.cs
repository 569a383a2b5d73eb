using System.Globalization;
using Spectre.Console;

namespace Capstan.Tool.Load;

/// <summary>How far a load is: a bar on a terminal, else a line now and then. On standard error, so that the report can be read by programs.</summary>
internal sealed class LoadProgress(IAnsiConsole console, TimeProvider time)
{
    private static readonly TimeSpan BarPeriod = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LinePeriod = TimeSpan.FromSeconds(5);

    /// <summary>Says one line.</summary>
    public void Say(string line) => console.Profile.Out.Writer.WriteLine(line);

    /// <summary>Shows how far something is while it lasts.</summary>
    /// <param name="what">What is done.</param>
    /// <param name="whole">How much it is; null: nobody knows.</param>
    /// <param name="done">How much is done.</param>
    /// <param name="work">Does it.</param>
    public async Task ShowAsync(string what, double whole, Func<double> done, Func<Task> work)
    {
        if (console.Profile.Capabilities is { Ansi: true, Interactive: true } && console.Profile.Out.IsTerminal)
        {
            await console.Progress()
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
                .StartAsync(async context =>
                {
                    var bar = context.AddTask(Markup.Escape(what), maxValue: Math.Max(whole, 1));
                    await WatchedAsync(work, BarPeriod, () => bar.Value = done());
                    bar.Value = done();
                });
            return;
        }

        var start = time.GetTimestamp();
        await WatchedAsync(work, LinePeriod, Tell);
        Tell();

        void Tell() => Say(string.Create(CultureInfo.InvariantCulture, $"{time.GetElapsedTime(start).TotalSeconds,6:0.0} s  {what}: {done():0} of {whole:0}"));
    }

    private async Task WatchedAsync(Func<Task> work, TimeSpan period, Action tell)
    {
        var working = work();
        using var end = new CancellationTokenSource();
        while (!working.IsCompleted)
        {
            await Task.WhenAny(working, Task.Delay(period, time, end.Token));
            if (!working.IsCompleted)
            {
                tell();
            }
        }

        await end.CancelAsync();
        await working;
    }
}
