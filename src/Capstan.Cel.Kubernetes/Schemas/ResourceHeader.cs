using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Schemas;

/// <summary>What every resource has, embedded ones too, whatever its schema says: apiVersion, kind, metadata.name and metadata.generateName.</summary>
internal static class ResourceHeader
{
    private static readonly Schema Text = new() { Type = "string" };

    private static readonly Schema Metadata = new()
    {
        Type = "object",
        Properties = new Dictionary<string, Schema>(StringComparer.Ordinal) { ["name"] = Text, ["generateName"] = Text },
    };

    /// <summary>The schema itself where it declares them all; else a copy with them, in which metadata has no other fields.</summary>
    public static Schema AddTo(Schema schema)
    {
        if (Is(schema, "kind", "string") && Is(schema, "apiVersion", "string") && Is(schema, "metadata", "object")
            && schema.Properties!["metadata"] is var metadata && Is(metadata, "name", "string") && Is(metadata, "generateName", "string"))
        {
            return schema;
        }

        var copy = schema.Copy();
        copy.Properties = new Dictionary<string, Schema>(schema.Properties ?? new Dictionary<string, Schema>(), StringComparer.Ordinal)
        {
            ["kind"] = Text,
            ["apiVersion"] = Text,
            ["metadata"] = Metadata,
        };
        return copy;
    }

    private static bool Is(Schema schema, string field, string type) =>
        schema.Properties is { } fields && fields.TryGetValue(field, out var found) && found.Type == type;
}
