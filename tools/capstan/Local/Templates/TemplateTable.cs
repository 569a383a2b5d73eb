using KubeTemplater.Resources;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Capstan.Tool.Local.Templates;

/// <summary>Templates on a terminal: a table that is drawn again when something changed, at most four times a second, and each second for the ages.</summary>
internal sealed class TemplateTable(IAnsiConsole console, TemplateBoard board, TimeProvider time)
{
    private const int DrawsPerSecond = 4;

    /// <summary>Lines that are not rows: head, borders, totals, and the last line of the screen.</summary>
    private const int OtherLines = 7;

    /// <summary>Draws until cancelled; then the last state stays on the screen.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await console.Live(Draw()).AutoClear(false).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
        {
            using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / DrawsPerSecond), time);
            var drawn = -1L;
            for (var ticks = 0; !cancellationToken.IsCancellationRequested; ticks++)
            {
                var changes = board.Changes;
                if (changes != drawn || ticks % DrawsPerSecond == 0)
                {
                    live.UpdateTarget(Draw());
                    drawn = changes;
                }

                try
                {
                    await tick.WaitForNextTickAsync(cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    live.UpdateTarget(Draw());
                }
            }
        });
    }

    private IRenderable Draw()
    {
        var (rows, totals) = board.Show(Math.Clamp(console.Profile.Height - OtherLines, 3, 40));
        var now = time.GetUtcNow();
        var table = new Table { Border = TableBorder.Rounded, Expand = true };
        foreach (var (title, narrow) in (ReadOnlySpan<(string, bool)>)[("NAMESPACE", true), ("NAME", true), ("PHASE", true), ("RESOURCES", true), ("AGE", true), ("MESSAGE", false)])
        {
            table.AddColumn(new TableColumn(title) { NoWrap = true, Padding = new Padding(1, 0), Width = narrow ? null : Math.Max(20, console.Profile.Width / 3) });
        }

        foreach (var row in rows)
        {
            table.AddRow(
                new Text(row.Key.Namespace), new Text(row.Key.Name), new Text(row.Phase, StyleOf(row.Phase)), new Text(row.Resources),
                new Text(Age.Of(now - row.Created)), new Text(row.Message) { Overflow = Overflow.Ellipsis });
        }

        var count = totals.Values.Sum();
        var summary = totals.Count == 0 ? "no templates yet" : string.Join(", ", totals.Select(total => $"{total.Value} {total.Key}"));
        return new Rows(table, new Text(count > rows.Count ? $" {count} templates: {summary} ({rows.Count} shown)" : $" {count} templates: {summary}"));
    }

    private static Style StyleOf(string phase) => phase switch
    {
        Phases.Completed => new Style(Color.Green),
        Phases.Failed => new Style(Color.Red),
        "Paused" => new Style(Color.Yellow),
        _ => new Style(Color.Blue),
    };
}
