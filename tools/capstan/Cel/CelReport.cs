using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Capstan.Cel;

namespace Capstan.Tool.Cel;

/// <summary>The answer, for people or for a program, and the exit code that goes with it.</summary>
internal sealed class CelReport(bool json, TextWriter output, TextWriter error)
{
    // Nobody puts this into a page of HTML, and messages are full of quotes. Control characters are escaped all the same.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A value, or an error with its place.</summary>
    public int Evaluated(CelProgram program, CelEvaluation evaluation)
    {
        if (evaluation.IsError)
        {
            Fault(program.Explain(evaluation.Value), evaluation.Cost);
            return ExitCodes.CannotRun;
        }

        if (json)
        {
            WriteJson(writer =>
            {
                writer.WritePropertyName("value");
                ValueJson.Write(writer, evaluation.Value);
                writer.WriteString("type", evaluation.Value.TypeName);
                writer.WriteNumber("cost", evaluation.Cost);
            });
        }
        else
        {
            output.WriteLine($"value: {ValueText.Of(evaluation.Value)}");
            output.WriteLine($"type:  {evaluation.Value.TypeName}");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cost:  {evaluation.Cost}"));
        }

        return ExitCodes.Done;
    }

    /// <summary>What is wrong with the expression.</summary>
    /// <param name="diagnostics">What is wrong.</param>
    /// <param name="hint">What people do about it.</param>
    public int DoesNotCompile(CelDiagnostics diagnostics, string? hint)
    {
        Fault(diagnostics, cost: null);
        if (hint is not null && !json)
        {
            error.WriteLine($"capstan: {hint}");
        }

        return ExitCodes.Usage;
    }

    /// <summary>What stands in the way.</summary>
    public int CannotRun(CannotRunException cause)
    {
        WriteJson(writer => writer.WriteString("error", cause.Message));
        return ExitCodes.CannotRun;
    }

    private void Fault(CelDiagnostics diagnostics, ulong? cost)
    {
        if (!json)
        {
            error.WriteLine(Printable(diagnostics.ToString()));
            if (cost is not null)
            {
                error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cost: {cost}"));
            }

            return;
        }

        WriteJson(writer =>
        {
            writer.WriteString("error", diagnostics.Issues[0].Message);
            writer.WriteStartArray("issues");
            foreach (var issue in diagnostics.Issues)
            {
                writer.WriteStartObject();
                writer.WriteString("message", issue.Message);
                writer.WriteNumber("line", issue.Line);
                writer.WriteNumber("column", issue.Column);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            if (cost is { } spent)
            {
                writer.WriteNumber("cost", spent);
            }
        });
    }

    private void WriteJson(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Readable))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    // Messages name keys and texts of the document, which may hold what a terminal obeys.
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) && c != '\n' ? '\uFFFD' : c));
}
