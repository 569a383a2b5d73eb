using Capstan.Caching;
using KubeTemplater.Resources;
using Spectre.Console;

namespace Capstan.Tool.Local.Templates;

/// <summary>Shows all templates as they change, seen over the wire as any client sees them: a table on a terminal, else lines.</summary>
internal sealed class TemplateView(KubeClient client, IAnsiConsole console)
{
    private readonly TimeProvider _time = client.Options.TimeProvider;

    /// <summary>Shows until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var board = new TemplateBoard();
        var isTerminal = console.Profile.Capabilities is { Ansi: true, Interactive: true } && console.Profile.Out.IsTerminal;
        var lines = isTerminal ? null : new TemplateLines(console.Profile.Out.Writer, _time);
        var informer = new Informer(client, KubeTemplate.Resource);
        informer.AddHandler(change =>
        {
            if (change.New is not { } found)
            {
                if (board.Remove(change.Key))
                {
                    lines?.Deleted(change.Key);
                }
            }
            else if (TemplateRow.Of(found.To<KubeTemplate>()) is var row && board.Put(row))
            {
                lines?.Changed(row);
            }
        });

        var watching = informer.RunAsync(stop);
        if (isTerminal)
        {
            await new TemplateTable(console, board, _time).RunAsync(stop);
        }

        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (watching.IsFaulted && !stop.IsCancellationRequested)
        {
            await watching;
        }
    }
}
