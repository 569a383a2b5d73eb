using KubeTemplater.Resources;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Capstan.Tool.Local.Templates;

/// <summary>Templates on a terminal: a table that is drawn again when something changed, at most four times a second, and each second for the ages.</summary>
internal sealed class TemplateTable(IAnsiConsole console, TemplateBoard board, TimeProvider time)
{
    private const int DrawsPerSecond = 4;

    /// <summary>Kubernetes allows 253 characters; the message needs room too.</summary>
    private const int MaxName = 40;

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
        return Draw(rows, totals, console.Profile.Width, time.GetUtcNow());
    }

    /// <summary>The picture of some rows and of the totals of all: a line per row, however long its texts are.</summary>
    internal static IRenderable Draw(IReadOnlyList<TemplateRow> rows, IReadOnlyDictionary<string, int> totals, int width, DateTimeOffset now)
    {
        string[] titles = ["NAMESPACE", "NAME", "PHASE", "RESOURCES", "AGE", "MESSAGE"];
        string[][] cells = [.. rows.Select(row => (string[])[Fit(row.Key.Namespace, MaxName), Fit(row.Key.Name, MaxName), row.Phase, row.Resources, Age.Of(now - row.Created), row.Message])];

        // A border and two blanks stand at each column; what the others leave is for the message.
        var taken = Enumerable.Range(0, titles.Length - 1).Sum(i => 3 + cells.Select(cell => cell[i].Length).Append(titles[i].Length).Max());
        var forMessage = Math.Max(titles[^1].Length, width - taken - 4);
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumns([.. titles.Select(title => new TableColumn(title) { NoWrap = true })]);
        foreach (var cell in cells)
        {
            table.AddRow(cell.Select((text, i) => i == 2 ? new Text(text, StyleOf(text)) : new Text(i == titles.Length - 1 ? Fit(text, forMessage) : text)));
        }

        var count = totals.Values.Sum();
        var summary = totals.Count == 0 ? "no templates yet" : $"{count} templates: {string.Join(", ", totals.Select(total => $"{total.Value} {total.Key}"))}";
        return new Rows(table, new Text($" {summary}{(count > rows.Count ? $" ({rows.Count} shown)" : "")}"));
    }

    private static string Fit(string text, int width) => text.Length <= width ? text : $"{text.AsSpan(0, width - 1)}…";

    private static Style StyleOf(string phase) => phase switch
    {
        Phases.Completed => new Style(Color.Green),
        Phases.Failed => new Style(Color.Red),
        "Paused" => new Style(Color.Yellow),
        _ => new Style(Color.Blue),
    };
}
