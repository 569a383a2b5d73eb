namespace Capstan.Cluster.Workloads.Hashes;

/// <summary>A field of a Go struct: its name there, its name in JSON (null: its own fields stand around it) and its type.</summary>
internal sealed record GoField(string Name, string? Json, string Type);

/// <summary>The Go types of a pod template, from templates.txt. Immutable.</summary>
internal sealed class GoTypes
{
    private static readonly Lazy<GoTypes> Table = new(static () => new());

    private readonly Dictionary<string, List<GoField>> _structs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _named = new(StringComparer.Ordinal);

    private GoTypes()
    {
        using var stream = typeof(GoTypes).Assembly.GetManifestResourceStream("Capstan.Cluster.Workloads.Hashes.templates.txt")!;
        using var reader = new StreamReader(stream);
        List<GoField> fields = [];
        while (reader.ReadLine() is { } line)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            switch (words.Length)
            {
                case 1:
                    _structs[words[0]] = fields = [];
                    break;
                case 3 when words[1] == "=":
                    _named[words[0]] = words[2];
                    break;
                case 3:
                    fields.Add(new(words[0], words[1] == "-" ? null : words[1], words[2]));
                    break;
            }
        }
    }

    public static GoTypes All => Table.Value;

    /// <summary>What a named type stands for; itself, if it is no other name.</summary>
    public string Resolve(string type) => _named.GetValueOrDefault(type, type);

    /// <summary>Fields of a struct; null if it is none.</summary>
    public IReadOnlyList<GoField>? FieldsOf(string type) => _structs.GetValueOrDefault(type);
}
