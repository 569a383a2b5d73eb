using System.Text;
using System.Text.Json;

namespace Capstan.Tool.Doctor;

/// <summary>Writes what was found: each at once for people, all at the end for programs.</summary>
internal sealed class DiagnosisReport(TextWriter output, bool asJson)
{
    private readonly List<Diagnosis> _all = [];

    /// <summary>How many problems there were.</summary>
    public int Problems => Count(Severity.Problem);

    /// <summary>Takes one more.</summary>
    public void Add(Diagnosis found)
    {
        _all.Add(found);
        if (asJson)
        {
            return;
        }

        output.WriteLine($"{Sign(found.Severity)} {PlainText.Of(found.Subject)}: {PlainText.Of(found.Message)}");
        if (found.Remedy is { } remedy)
        {
            output.WriteLine($"        {PlainText.Of(remedy)}");
        }
    }

    /// <summary>Writes the end.</summary>
    public void End()
    {
        if (asJson)
        {
            WriteJson();
        }
        else
        {
            output.WriteLine($"{Counted(Problems, "problem")}, {Counted(Count(Severity.Warning), "warning")}, {Count(Severity.Ok)} looked at and fine");
        }
    }

    private static string Sign(Severity severity) => severity switch { Severity.Ok => "ok     ", Severity.Warning => "warning", _ => "PROBLEM" };

    private static string Counted(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";

    private int Count(Severity severity) => _all.Count(found => found.Severity == severity);

    private void WriteJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new() { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("problems", Problems);
            json.WriteNumber("warnings", Count(Severity.Warning));
            json.WriteStartArray("findings");
            foreach (var found in _all)
            {
                json.WriteStartObject();
                json.WriteString("severity", found.Severity switch { Severity.Ok => "ok", Severity.Warning => "warning", _ => "problem" });
                json.WriteString("subject", found.Subject);
                json.WriteString("message", found.Message);
                if (found.Remedy is { } remedy)
                {
                    json.WriteString("remedy", remedy);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }
}
