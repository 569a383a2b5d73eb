using System.Text.Json.Nodes;

namespace Capstan.Kinds;

/// <summary>Reads zeros.txt (its form is told in make-zeros.py).</summary>
internal static class ZeroTable
{
    private const string Prefix = "io.k8s.";

    public static Dictionary<string, ZeroFields> Read(string table)
    {
        var types = new Dictionary<string, ZeroFields>(StringComparer.Ordinal);
        foreach (var line in table.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ');
            var always = words.Skip(1).Select(w => w.Split('=', 2)).Where(w => w.Length == 2).Select(w => (w[0], JsonNode.Parse(w[1])));
            types[Prefix + words[0]] = new(words.Skip(1).Where(w => !w.Contains('=', StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal), [.. always]);
        }

        return types;
    }
}
