using System.Text.Json;

namespace Capstan.Cel.Bench;

/// <summary>Writes what is measured, so that other implementations can be measured with the same.</summary>
internal static class Export
{
    public static void To(string directory)
    {
        Directory.CreateDirectory(directory);
        foreach (var (name, json) in BenchDocuments.All)
        {
            File.WriteAllBytes(Path.Combine(directory, $"{name.Replace(" ", "", StringComparison.Ordinal)}.json"), json);
        }

        File.WriteAllBytes(Path.Combine(directory, "variables.json"), BenchCases.VariablesJson);
        Write("evaluated.json", BenchCases.Evaluated);
        Write("policies.json", BenchCases.Policies);

        void Write(string file, IEnumerable<BenchCase> cases)
        {
            using var stream = File.Create(Path.Combine(directory, file));
            using var writer = new Utf8JsonWriter(stream, new() { Indented = true });
            writer.WriteStartArray();
            foreach (var one in cases)
            {
                writer.WriteStartObject();
                writer.WriteString("name", one.Name);
                writer.WriteString("expression", one.Expression);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }
    }
}
