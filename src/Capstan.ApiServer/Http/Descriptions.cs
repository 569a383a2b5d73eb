using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Http;

/// <summary>Says in a few words what built-in kinds and their fields are, for <c>kubectl explain</c>: descriptions.txt, whose form is told at its beginning.</summary>
internal static class Descriptions
{
    private const string Prefix = "io.k8s.";
    private const string EveryKind = "*";
    private static readonly Lazy<Dictionary<(string Type, string Field), string>> Texts = new(Read);

    /// <summary>What a field is that all kinds have, such as <c>metadata</c>; null: not such a one.</summary>
    public static string? OfEveryKind(string field) => Texts.Value.GetValueOrDefault((EveryKind, field));

    /// <summary>Adds descriptions to a type that is written as OpenAPI v3.</summary>
    /// <param name="written">The type; changed.</param>
    /// <param name="typeName">Its full name; that of a built-in type begins with <c>io.k8s.</c>.</param>
    public static void AddTo(JsonObject written, string typeName)
    {
        if (!typeName.StartsWith(Prefix, StringComparison.Ordinal))
        {
            // A custom resource is described by its definition, which says nothing of metadata.
            if (written.Map("properties", "metadata") is { } metadata)
            {
                Describe(written.Map("properties")!, "metadata", metadata, OfEveryKind("metadata")!);
            }

            return;
        }

        var type = typeName[Prefix.Length..];
        if (Texts.Value.TryGetValue((type, ""), out var own) && !written.ContainsKey("description"))
        {
            written.Insert(0, "description", own);
        }

        // A kind has both; other types may have fields of the same names that mean something else.
        var fields = written.Map("properties");
        var isKind = fields is not null && fields.ContainsKey("apiVersion") && fields.ContainsKey("kind") && fields.ContainsKey("metadata");
        foreach (var (name, field) in fields?.ToList() ?? [])
        {
            if (field is JsonObject one && !one.ContainsKey("description") && TextOf(type, name, isKind, one) is { } text)
            {
                Describe(fields!, name, one, text);
            }
        }
    }

    private static string? TextOf(string type, string field, bool isKind, JsonObject schema)
    {
        var text = Texts.Value.GetValueOrDefault((type, field)) ?? (isKind ? OfEveryKind(field) : null);
        var values = schema.Items("enum").Where(v => v?.GetValueKind() == JsonValueKind.String).Select(v => $"\n - `\"{v.Text()}\"`").ToList();
        var listed = values.Count == 0 ? null : $"Possible enum values:{string.Concat(values)}";
        return text is null || listed is null ? text ?? listed : $"{text}\n\n{listed}";
    }

    // What is said of one use of a type stands beside the reference to it.
    private static void Describe(JsonObject fields, string name, JsonObject field, string text)
    {
        if (field["$ref"] is { } reference)
        {
            fields[name] = new JsonObject { ["description"] = text, ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = reference.DeepClone() }) };
            return;
        }

        field.Insert(0, "description", text);
    }

    private static Dictionary<(string Type, string Field), string> Read()
    {
        using var reader = new StreamReader(typeof(Descriptions).Assembly.GetManifestResourceStream("Capstan.ApiServer.descriptions.txt")!);
        var texts = new Dictionary<(string, string), string>();
        var type = "";
        while (reader.ReadLine() is { } line)
        {
            var tab = line.IndexOf('\t', StringComparison.Ordinal);
            if (line.StartsWith('#'))
            {
                continue;
            }

            if (line.StartsWith(' '))
            {
                texts.Add((type, line[1..tab]), line[(tab + 1)..]);
                continue;
            }

            type = tab < 0 ? line : line[..tab];
            if (tab >= 0)
            {
                texts.Add((type, ""), line[(tab + 1)..]);
            }
        }

        return texts;
    }
}
