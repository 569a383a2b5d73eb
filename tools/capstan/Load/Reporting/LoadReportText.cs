using System.Globalization;
using Capstan.Tool.Load.Measuring;

namespace Capstan.Tool.Load.Reporting;

/// <summary>The report for people: tables in plain text, the same on a terminal and in a file.</summary>
internal static class LoadReportText
{
    private const int MostServerCalls = 12;

    /// <summary>Writes all of it.</summary>
    public static void Write(LoadReport report, TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"capstan load {report.Load} of {report.Server} ({report.ServerVersion}), {report.Started:yyyy-MM-dd HH:mm:ss} UTC"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Number(report.Done)} {report.Unit}s in {report.Seconds:0.00} s: {Number(report.PerSecond)} a second"));
        foreach (var figure in report.Figures)
        {
            output.WriteLine($"{figure.What}: {Number(figure.Value)}");
        }

        Table(output, ["MILLISECONDS", "COUNT", "MEAN", "P50", "P90", "P99", "P99.9", "MAX"], report.Latencies.Select(row => (string[])
        [
            row.What, Number(row.Milliseconds.Count), Number(row.Milliseconds.Mean), Number(row.Milliseconds.P50), Number(row.Milliseconds.P90), Number(row.Milliseconds.P99),
            Number(row.Milliseconds.P999), Number(row.Milliseconds.Max),
        ]));
        Table(output, ["OPERATOR'S CALLS", "COUNT", $"PER {report.Unit.ToUpperInvariant()}"], report.OperatorCalls.Select(Row));
        Table(output, ["API SERVER'S CALLS (ALL CLIENTS)", "COUNT", $"PER {report.Unit.ToUpperInvariant()}"], report.ServerCalls.Take(MostServerCalls).Select(Row));
        Table(output, ["REPLICA", "CPU S", "ALLOCATED MB", "RESIDENT MB", "CALLS", "RESTARTS"], report.Replicas.Select(one => (string[])
        [
            one.Name, Number(one.CpuSeconds), one.AllocatedBytes is { } bytes ? Number(bytes / 1e6) : "-", Number(one.ResidentBytes / 1e6), Number(one.Calls.Values.Sum()), Number(one.Restarts),
        ]));
        if (report.Each is { } each)
        {
            output.WriteLine();
            output.WriteLine($"per {report.Unit}: {Number(each.Calls)} calls, {Number(each.CpuMilliseconds)} ms of processor, {(each.AllocatedBytes is { } bytes ? $"{Number(bytes / 1000)} kB allocated" : "allocation not told")}");
        }

        Table(output, ["ERRORS", "COUNT"], report.Errors.Select(Row));
        Table(output, ["NOT MEASURED", "COUNT"], report.NotMeasured.Select(Row));
    }

    private static string[] Row(CallRow call) => [call.Call, Number(call.Count), Number(call.Each)];

    private static string[] Row(FaultCount fault) => [fault.Message, Number(fault.Count)];

    /// <summary>Texts to the left, numbers to the right; nothing if there is no row.</summary>
    private static void Table(TextWriter output, string[] titles, IEnumerable<string[]> rows)
    {
        string[][] lines = [titles, .. rows];
        if (lines.Length == 1)
        {
            return;
        }

        var widths = Enumerable.Range(0, titles.Length).Select(column => lines.Max(line => line[column].Length)).ToArray();
        output.WriteLine();
        foreach (var line in lines)
        {
            output.WriteLine(string.Join("  ", line.Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]))).TrimEnd());
        }
    }

    private static string Number(double value) => value.ToString(Math.Abs(value) switch { 0 => "0", < 10 => "0.##", < 1000 => "0.#", _ => "#,0" }, CultureInfo.InvariantCulture);
}
