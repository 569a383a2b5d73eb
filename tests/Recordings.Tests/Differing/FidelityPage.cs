using System.Globalization;
using Recordings.Tests.Recorded;

namespace Recordings.Tests.Differing;

/// <summary>The figures in <c>docs/fidelity.md</c>, between two marks.</summary>
internal static class FidelityPage
{
    private const string Start = "<!-- figures -->\n";
    private const string End = "\n<!-- /figures -->";

    private static readonly string File = Path.Combine(RecordingFolder.Repository, "docs", "fidelity.md");

    /// <summary>What the page says now; null when it has no such part.</summary>
    public static string? Read() => Bounds(Page()) is var (from, to) ? Page()[from..to] : null;

    public static void Write(string figures)
    {
        var page = Page();
        if (Bounds(page) is var (from, to))
        {
            System.IO.File.WriteAllText(File, page[..from] + figures + page[to..]);
        }
    }

    /// <summary>What the page should say.</summary>
    public static string Figures(DifferenceList list)
    {
        List<string> lines =
        [
            "| area | conversations | equal at `result` | | answers | equal at `exact` | |",
            "|---|---:|---:|---:|---:|---:|---:|",
        ];
        var rows = list.Areas.Select(area => Row.Of(area.Key, area.Value, [.. list.Of(area.Key)])).ToList();
        lines.AddRange(rows.Append(rows.Aggregate(new Row("**all**", 0, 0, 0, 0), (sum, row) => sum.Plus(row))).Select(row => row.ToString()));
        return string.Join('\n', lines);
    }

    private static string Page() => System.IO.File.Exists(File) ? System.IO.File.ReadAllText(File).ReplaceLineEndings("\n") : "";

    private static (int From, int To)? Bounds(string page)
    {
        var from = page.IndexOf(Start, StringComparison.Ordinal);
        var to = from < 0 ? -1 : page.IndexOf(End, from, StringComparison.Ordinal);
        return to < 0 ? null : (from + Start.Length, to);
    }

    private sealed record Row(string Name, int Conversations, int Equal, int Answers, int EqualAnswers)
    {
        public static Row Of(string name, AreaFigures area, IReadOnlyList<Difference> differences) => new(
            name, area.Conversations, area.Conversations - differences.Count(d => d.IsOfResult),
            area.Answers, area.Answers - differences.Sum(d => d.AnswersDiffering));

        public Row Plus(Row other) => new(Name, Conversations + other.Conversations, Equal + other.Equal, Answers + other.Answers, EqualAnswers + other.EqualAnswers);

        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"| {Name} | {Conversations} | {Equal} | {Share(Equal, Conversations)} | {Answers} | {EqualAnswers} | {Share(EqualAnswers, Answers)} |");

        // Rounded down: 90 % means 90.
        private static string Share(int part, int whole) => whole == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{100 * part / whole} %");
    }
}
