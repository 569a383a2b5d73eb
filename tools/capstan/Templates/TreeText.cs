using Capstan.Tool.Local.Templates;

namespace Capstan.Tool.Templates;

/// <summary>Templates and their objects for people: a line for the template, and a line for each object under it.</summary>
internal sealed class TreeText(TextWriter output, TimeProvider time)
{
    private static readonly string[] Titles = ["OBJECT", "STATE", "READY", "AGE", "DRIFT", "MESSAGE"];

    /// <summary>Writes each as it comes.</summary>
    public async Task WriteAsync(IAsyncEnumerable<TemplateState> templates)
    {
        var any = false;
        await foreach (var state in templates)
        {
            if (any)
            {
                await output.WriteLineAsync();
            }

            any = true;
            await WriteAsync(state);
        }

        if (!any)
        {
            await output.WriteLineAsync("no KubeTemplates found");
        }
    }

    private async Task WriteAsync(TemplateState state)
    {
        var row = TemplateRow.Of(state.Template);
        var suspended = state.Template.Spec.Suspend == true ? ", suspended" : "";
        var message = row.Message.Length > 0 ? $": {row.Message}" : "";
        await output.WriteLineAsync(PlainText.Of($"KubeTemplate {row.Key} {row.Phase} {row.Resources}, {AgeOf(row.Created)}{suspended}{message}"));
        string[][] lines = [Titles, .. state.Objects.Select(Cells)];
        var widths = Enumerable.Range(0, Titles.Length).Select(column => lines.Max(line => line[column].Length)).ToArray();
        for (var i = 0; i < lines.Length; i++)
        {
            var branch = i == 0 ? "   " : i == lines.Length - 1 ? "└─ " : "├─ ";
            await output.WriteLineAsync($"{branch}{string.Join("   ", lines[i].Zip(widths, (text, width) => text.PadRight(width)))}".TrimEnd());
        }
    }

    private string[] Cells(ObjectState seen) =>
    [
        seen.Kind.Kind.Length == 0 ? $"template[{seen.Id}]" : PlainText.Of($"{seen.Kind.Kind}{(seen.Kind.Group.Length > 0 ? $".{seen.Kind.Group}" : "")} {seen.Key}"),
        PlainText.Of(seen.State),
        seen.IsReady switch { true => "True", false => "False", null => "-" },
        seen.Created is { } created ? AgeOf(created) : "-",
        seen.Drift.Count == 0 ? "-" : PlainText.Of(string.Join(", ", seen.Drift)),
        PlainText.Of(seen.Message),
    ];

    private string AgeOf(DateTimeOffset created) => Age.Of(time.GetUtcNow() - created);
}
