using Capstan;
using Capstan.Tool.Local.Templates;
using KubeTemplater.Resources;
using Spectre.Console;

namespace EndToEnd.Tests.Local;

/// <summary>What a screen or a pipe shows of many templates.</summary>
public sealed class TemplateViewTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void Active_templates_come_first_and_then_the_latest_change()
    {
        var board = new TemplateBoard();
        foreach (var (name, phase) in (ReadOnlySpan<(string, string)>)[("a", "Completed"), ("b", "Failed"), ("c", "New"), ("d", "Completed"), ("e", "Processing")])
        {
            Assert.True(board.Put(Row(name, phase)));
        }

        Assert.False(board.Put(Row("a", "Completed")));
        var (rows, totals) = board.Show(4);
        Assert.Equal(["e", "c", "d", "b"], rows.Select(row => row.Key.Name));
        Assert.Equal(new Dictionary<string, int> { ["Completed"] = 2, ["Failed"] = 1, ["New"] = 1, ["Processing"] = 1 }, totals);

        Assert.True(board.Remove(new ObjectKey("default", "e")));
        Assert.False(board.Remove(new ObjectKey("default", "e")));
        Assert.Equal(["c", "d", "b", "a"], board.Show(9).Rows.Select(row => row.Key.Name));
    }

    [Fact]
    public void A_row_tells_the_phase_of_this_spec_and_not_of_an_older_one()
    {
        var template = new KubeTemplate { Metadata = new() { Name = "a", Namespace = "default", Generation = 1, CreationTimestamp = Start } };
        template.Spec.Templates = [new(), new()];
        Assert.Equal(("New", "-/2", true), Told(template));

        template.Status = new() { ProcessingPhase = "Failed", Status = "Error: no\npolicy", ObservedGeneration = 1, ResourcesSynced = 1 };
        Assert.Equal(("Failed", "1/2", false), Told(template));
        Assert.Equal("Error: no policy", TemplateRow.Of(template).Message);

        template.Metadata.Generation = 2;
        Assert.Equal(("Changed", "-/2", true), Told(template));
        Assert.Equal("", TemplateRow.Of(template).Message);

        static (string, string, bool) Told(KubeTemplate template) => TemplateRow.Of(template) is var row ? (row.Phase, row.Resources, row.IsActive) : default;
    }

    [Fact]
    public void The_table_has_one_line_for_each_row_however_long_its_texts_are()
    {
        var rows = new[] { Row("web", "Completed"), Row(new string('n', 253), "Failed", new string('m', 4000)) };
        var lines = Draw(rows, new Dictionary<string, int> { ["Completed"] = 4000, ["Failed"] = 1 }, 120);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 120));
        Assert.Equal(7, lines.Length);
        Assert.Matches("default +│ web +│ Completed +│ 1/1 +│ 42s", lines[3]);
        Assert.Contains("…", lines[4], StringComparison.Ordinal);
        Assert.Equal("4001 templates: 4000 Completed, 1 Failed (2 shown)", lines[6].Trim());
    }

    [Fact]
    public void Nothing_to_show_is_said()
    {
        Assert.Contains(Draw([], new Dictionary<string, int>(), 80), line => line.Contains("no templates yet", StringComparison.Ordinal));
    }

    [Fact]
    public void Lines_have_a_time_and_no_control_codes()
    {
        var output = new StringWriter();
        var lines = new TemplateLines(output, new FixedClock());
        lines.Changed(Row("a", "Failed", "Error: x"));
        lines.Changed(Row("b", "Completed"));
        lines.Deleted(new ObjectKey("default", "a"));
        Assert.Equal(
            "2026-01-02T03:04:05Z default/a Failed 1/1 Error: x\n2026-01-02T03:04:05Z default/b Completed 1/1\n2026-01-02T03:04:05Z default/a Deleted\n",
            output.ToString());
    }

    [Theory]
    [InlineData(-5, "0s")]
    [InlineData(42, "42s")]
    [InlineData(119, "119s")]
    [InlineData(187, "3m7s")]
    [InlineData(300, "5m")]
    [InlineData(3599, "59m")]
    [InlineData(4 * 3600, "4h")]
    [InlineData(40 * 3600, "40h")]
    [InlineData(12 * 86400, "12d")]
    public void Ages_are_short(int seconds, string age) => Assert.Equal(age, Age.Of(TimeSpan.FromSeconds(seconds)));

    private static TemplateRow Row(string name, string phase, string message = "") => new(new ObjectKey("default", name), phase, 1, 1, Start, message);

    private static string[] Draw(IReadOnlyList<TemplateRow> rows, IReadOnlyDictionary<string, int> totals, int width)
    {
        var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = width;
        console.Write(TemplateTable.Draw(rows, totals, width, Start.AddSeconds(42)));
        return output.ToString().TrimEnd('\n').Split('\n');
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Start;
    }
}
