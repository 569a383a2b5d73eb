using System.Globalization;

namespace Capstan.ApiServer.Bench;

/// <summary>Lines of a Markdown table, as they go into bench/RESULTS.md.</summary>
internal static class Report
{
    public static void Machine()
    {
        var load = File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "?";
        Console.WriteLine($"{Environment.ProcessorCount} processors, load average {load}, {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}");
    }

    public static void Head(string title, params string[] columns)
    {
        Console.WriteLine($"\n## {title}\n\n| {string.Join(" | ", columns)} |\n|---|{string.Concat(Enumerable.Repeat("---:|", columns.Length - 1))}");
    }

    public static void Row(params object[] cells) => Console.WriteLine($"| {string.Join(" | ", cells.Select(Text))} |");

    /// <summary>The value below which <paramref name="part"/> of all lie.</summary>
    public static double Percentile(List<double> values, double part)
    {
        values.Sort();
        return values.Count == 0 ? 0 : values[(int)Math.Min(values.Count - 1, values.Count * part)];
    }

    private static string Text(object cell) => cell switch
    {
        double number => number.ToString(number < 10 ? "0.00" : "#,0", CultureInfo.InvariantCulture),
        int or long => string.Format(CultureInfo.InvariantCulture, "{0:#,0}", cell),
        _ => $"{cell}",
    };
}
