using System.Text.RegularExpressions;

namespace KubeTemplater.Tests.Monitoring;

/// <summary>The files of deploy/monitoring, as they lie beside the tests.</summary>
internal static partial class RuleFiles
{
    public static string Directory { get; } = Path.Combine(AppContext.BaseDirectory, "Monitoring");

    /// <summary>Every series that the tests of the rules are fed with.</summary>
    public static IReadOnlyList<Series> TestedSeries { get; } =
        [.. SeriesText().Matches(Read("kubetemplater.rules.test.yaml")).Select(match => Series.Parse(match.Groups[1].Value)).Distinct()];

    public static string Read(string name) => File.ReadAllText(Path.Combine(Directory, name));

    [GeneratedRegex("series: '([^']+)'")]
    private static partial Regex SeriesText();
}

/// <summary>A series: its name and labels, in order of name.</summary>
internal sealed partial record Series(string Name, string LabelNames, string? Le)
{
    /// <summary>Reads <c>name{label="value"}</c>. What Prometheus adds itself is left out.</summary>
    public static Series Parse(string text)
    {
        var labels = Label().Matches(text).Select(match => (Name: match.Groups[1].Value, Value: match.Groups[2].Value)).Where(label => label.Name != "instance").ToList();
        return new(
            text.Split('{', ' ')[0],
            string.Join(',', labels.Select(label => label.Name).Order(StringComparer.Ordinal)),
            labels.FirstOrDefault(label => label.Name == "le").Value);
    }

    [GeneratedRegex("([a-z_]+)=\"([^\"]*)\"")]
    private static partial Regex Label();
}
