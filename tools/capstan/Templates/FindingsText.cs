using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Capstan.Tool.Templates;

/// <summary>What a validation found, for people and for programs.</summary>
internal static class FindingsText
{
    /// <summary>A line for each finding, <c>file:line:column: error: ...</c> as compilers have it, and a last one that counts.</summary>
    public static void Write(Findings findings, TextWriter output)
    {
        foreach (var finding in findings.All)
        {
            var place = finding.File.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{finding.File}:{finding.Place.Line}:{finding.Place.Column}: ");
            output.WriteLine($"{place}{(finding.IsError ? "error" : "warning")}: {(finding.About.Length == 0 ? "" : $"{finding.About}: ")}{Plain(finding.Message)}");
        }

        output.WriteLine($"{Count(findings.Templates, "template")} and {Counted(findings.Policies, "policy", "policies")}: {Count(findings.Errors, "error")}, {Count(findings.All.Count - findings.Errors, "warning")}");
    }

    /// <summary>One object: <c>valid</c>, the counts, and <c>findings</c>.</summary>
    public static void WriteJson(Findings findings, TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new() { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteBoolean("valid", findings.Errors == 0);
            json.WriteNumber("templates", findings.Templates);
            json.WriteNumber("policies", findings.Policies);
            json.WriteStartArray("findings");
            foreach (var finding in findings.All)
            {
                json.WriteStartObject();
                json.WriteString("severity", finding.IsError ? "error" : "warning");
                json.WriteString("file", finding.File);
                json.WriteNumber("line", finding.Place.Line);
                json.WriteNumber("column", finding.Place.Column);
                json.WriteString("object", finding.About);
                json.WriteString("message", finding.Message);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    // One line each, whatever is in it: the message of a compiler shows the source and an arrow below it.
    private static string Plain(string message) => PlainText.Of(message.Split('\n')[0]);

    private static string Count(int number, string what) => Counted(number, what, $"{what}s");

    private static string Counted(int number, string one, string many) => $"{number.ToString(CultureInfo.InvariantCulture)} {(number == 1 ? one : many)}";
}
