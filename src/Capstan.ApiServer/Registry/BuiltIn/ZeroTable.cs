using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>How the fields of a built-in type write zero values.</summary>
/// <param name="LeftOut">Scalars that are left out when they are zero.</param>
/// <param name="Always">Fields that are always written, and how when they are zero: an empty object stands for a structure.</param>
internal sealed record ZeroFields(IReadOnlySet<string> LeftOut, IReadOnlyList<(string Field, JsonNode? Zero)> Always);

/// <summary>Reads zeros.txt (its form is told in make-zeros.py).</summary>
internal static class ZeroTable
{
    private const string Prefix = "io.k8s.";
    private static readonly Lazy<Dictionary<string, ZeroFields>> Types = new(Read);

    /// <summary>The fields of a type; null when the table does not know it.</summary>
    public static ZeroFields? Of(string? typeName) => typeName is null ? null : Types.Value.GetValueOrDefault(typeName);

    private static Dictionary<string, ZeroFields> Read()
    {
        using var stream = typeof(ZeroTable).Assembly.GetManifestResourceStream("Capstan.ApiServer.zeros.txt")
            ?? throw new InvalidOperationException("the table zeros.txt is not part of this build");
        using var reader = new StreamReader(stream);
        var types = new Dictionary<string, ZeroFields>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            var words = line.Split(' ');
            var always = words.Skip(1).Select(w => w.Split('=', 2)).Where(w => w.Length == 2).Select(w => (w[0], JsonNode.Parse(w[1])));
            types[Prefix + words[0]] = new(words.Skip(1).Where(w => !w.Contains('=', StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal), [.. always]);
        }

        return types;
    }
}
