using Capstan.Cel.Kubernetes.Schemas;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Rules;

/// <summary>The rules of a schema and of what is inside it. Immutable and safe for threads.</summary>
internal sealed class RuleNode
{
    private RuleNode(SchemaShape shape) => Shape = shape;

    /// <summary>What the values are.</summary>
    public SchemaShape Shape { get; }

    public CompiledRule[] Rules { get; private init; } = [];

    /// <summary>Why no rule can run: expressions cannot name the values. Null where they can.</summary>
    public string? Fault { get; private init; }

    /// <summary>Whether <c>oldSelf</c> has a value for the rules and their messages.</summary>
    public bool UsesOldSelf { get; private init; }

    public RuleNode? Items { get; private init; }

    public RuleNode? Values { get; private init; }

    public Dictionary<string, RuleNode> Fields { get; private init; } = [];

    public RuleNode[] AllOf { get; private init; } = [];

    /// <summary>The node; null where there are no rules, inside neither.</summary>
    public static RuleNode? Of(Schema schema, bool isResource) => Of(schema, SchemaShape.Of(schema, isResource), []);

    // rules: the schema whose rules apply; shape: of the schema that says what the values are. They differ inside allOf.
    // outer: the schemas around. One that contains itself is looked into once.
    private static RuleNode? Of(Schema rules, SchemaShape shape, HashSet<Schema> outer)
    {
        if (!outer.Add(rules))
        {
            return null;
        }

        var own = ValidationRule.Of(rules);
        var environments = own.Length > 0 && shape.Type is { } type ? RuleEnvironment.Of(type) : null;
        var compiled = environments is null ? [] : Array.ConvertAll(own, rule => CompiledRule.Of(rule, environments, shape.Schema));
        var node = new RuleNode(shape)
        {
            Rules = compiled,
            Fault = own.Length > 0 && environments is null ? "failed to convert to declType for CEL validation rules" : null,
            UsesOldSelf = compiled.Any(rule => rule.UsesOldSelf),
            Items = rules.Items is { } items && shape is { Kind: ShapeKind.Array, Element: { } item } ? Of(items, item, outer) : null,
            Values = rules.AdditionalProperties is { } values && shape is { Schema.AdditionalProperties: not null, Element: { } value }
                ? Of(values, value, outer) : null,
            Fields = FieldsOf(rules, shape, outer),
            AllOf = rules.AllOf is { } all ? [.. all.Select(part => Of(part, shape, outer)).OfType<RuleNode>()] : [],
        };
        outer.Remove(rules);
        return node.IsEmpty ? null : node;
    }

    private bool IsEmpty => Rules.Length == 0 && Fault is null && Items is null && Values is null && Fields.Count == 0 && AllOf.Length == 0;

    private static Dictionary<string, RuleNode> FieldsOf(Schema rules, SchemaShape shape, HashSet<Schema> outer)
    {
        var fields = new Dictionary<string, RuleNode>(StringComparer.Ordinal);
        foreach (var (name, property) in rules.Properties ?? new Dictionary<string, Schema>())
        {
            // Fields of types that expressions cannot name are left out, and what is in them.
            if (shape.HasFields && shape.Fields.Named(name) is { Shape: { Type: not null } field } && Of(property, field, outer) is { } node)
            {
                fields.Add(name, node);
            }
        }

        return fields;
    }
}
