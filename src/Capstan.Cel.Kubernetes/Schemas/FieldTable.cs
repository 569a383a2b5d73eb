using Capstan.Cel.Documents;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Schemas;

/// <summary>The named fields of an object, by the identifiers that expressions write and by their own names.</summary>
internal sealed class FieldTable
{
    private readonly Dictionary<string, SchemaField> _byIdentifier = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SchemaField> _byName = new(StringComparer.Ordinal);

    public FieldTable(Schema schema, string typeName)
    {
        foreach (var (name, property) in schema.Properties ?? new Dictionary<string, Schema>())
        {
            var identifier = FieldNameEscaping.Escape(name);
            var field = new SchemaField(name, identifier, SchemaShape.OfField(property, $"{typeName}.{identifier ?? name}"));
            _byName.Add(name, field);
            if (identifier is not null)
            {
                _byIdentifier[identifier] = field;
            }
        }
    }

    /// <summary>The field by its name in JSON.</summary>
    public SchemaField? Named(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The field that the checker knows by an identifier; reserved words may stand unescaped behind a dot.</summary>
    public SchemaField? Declared(string identifier) =>
        _byIdentifier.TryGetValue(identifier, out var field) ? field
        : FieldNameEscaping.Escape(identifier) is { } escaped && escaped == $"__{identifier}__" ? _byIdentifier.GetValueOrDefault(escaped)
        : null;

    /// <summary>The field that a key means at run time.</summary>
    public SchemaField? Find(string key) =>
        _byIdentifier.TryGetValue(key, out var field) ? field
        : FieldNameEscaping.Unescape(key) is { } name ? Named(name)
        : null;
}

/// <summary>A field of an object.</summary>
/// <param name="Name">As in JSON.</param>
/// <param name="Identifier">As in expressions; null where it has none.</param>
/// <param name="Shape">What it holds.</param>
internal sealed record SchemaField(string Name, string? Identifier, SchemaShape Shape)
{
    /// <summary>The name as it is looked for.</summary>
    public FieldName Key { get; } = new(Name);
}
