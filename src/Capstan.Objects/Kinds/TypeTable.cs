using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Kinds;

/// <summary>Reads types.txt (its form is told in make-table.py): indexed at once, each type made when it is first reached, and its fields when somebody looks at them.</summary>
internal sealed class TypeTable
{
    private const string Prefix = "io.k8s.";
    private readonly string _table;
    private readonly Dictionary<string, Range> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<GroupVersionKind, string> _kinds = [];
    private readonly Lock _lock = new();

    // Written under the lock.
    private readonly Dictionary<string, Schema> _built = new(StringComparer.Ordinal);

    public TypeTable(string table)
    {
        _table = table;
        for (var start = 0; start < table.Length;)
        {
            var end = start;
            do
            {
                end = table.IndexOf('\n', end) + 1;
            }
            while (end < table.Length && table[end] == ' ');

            var name = Prefix + table[start..table.IndexOf(' ', start)];
            _places.Add(name, start..end);
            AddKind(name, table.AsSpan(start, table.IndexOf('\n', start) - start));
            start = end;
        }
    }

    public IEnumerable<string> Names => _places.Keys;

    public string? NameOf(GroupVersionKind kind) => _kinds.GetValueOrDefault(kind);

    public Schema Get(string name)
    {
        lock (_lock)
        {
            return GetNeedsLock(name);
        }
    }

    private void AddKind(string name, ReadOnlySpan<char> head)
    {
        const string mark = " gvk=";
        var at = head.IndexOf(mark);
        if (at < 0)
        {
            return;
        }

        var rest = head[(at + mark.Length)..];
        var end = rest.IndexOf(' ');
        if ((end < 0 ? rest : rest[..end]).ToString().Split('/') is [var group, var version, var kind])
        {
            _kinds.Add(new(group, version, kind), name);
        }
    }

    private Schema GetNeedsLock(string name)
    {
        if (_built.TryGetValue(name, out var known))
        {
            return known;
        }

        var text = _table[_places.TryGetValue(name, out var place) ? place : throw new KeyNotFoundException($"no built-in type {name}")];
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var schema = Build(lines[0].Split(' '));
        schema.TypeName = name;
        schema.Properties = lines.Length > 1 ? new LateFields(lines.Length - 1, () => Fields(lines)) : null;
        schema.PreserveUnknownFields = schema.Type is "object" or "" && lines.Length == 1 && !schema.IntOrString && schema.OneOf is null;
        _built.Add(name, schema);
        return schema;
    }

    private Dictionary<string, Schema> Fields(string[] lines)
    {
        lock (_lock)
        {
            var fields = new Dictionary<string, Schema>(lines.Length - 1, StringComparer.Ordinal);
            foreach (var line in lines.AsSpan(1))
            {
                var words = line[1..].Split(' ');
                fields.Add(words[0], Build(words));
            }

            return fields;
        }
    }

    // words: name, expression, attributes
    private Schema Build(string[] words)
    {
        var schema = Expression(words[1]);
        if (words.Length > 2)
        {
            // What is said of a reference is not said of the type.
            schema = words[1][0] == '@' ? schema.Copy() : schema;
            foreach (var word in words.AsSpan(2))
            {
                SetAttribute(schema, word);
            }
        }

        return schema;
    }

    private Schema Expression(string expression)
    {
        switch (expression)
        {
            case ['@', .. var name]:
                return GetNeedsLock(Prefix + name);
            case ['[', ']', .. var item]:
                return new() { Type = "array", Items = Expression(item) };
            case ['{', '}', .. var value]:
                return new() { Type = "object", AdditionalProperties = Expression(value) };
            case "int-or-string":
                return new() { Format = "int-or-string", IntOrString = true };
            case "quantity":
                return new() { OneOf = [new() { Type = "string" }, new() { Type = "number" }] };
            case "any":
                return new() { PreserveUnknownFields = true };
            default:
                var slash = expression.IndexOf('/', StringComparison.Ordinal);
                return slash < 0 ? new() { Type = expression } : new() { Type = expression[..slash], Format = expression[(slash + 1)..] };
        }
    }

    private static Schema OwnInner(Schema schema)
    {
        if (schema.Items is { } items)
        {
            return items.TypeName is null ? items : schema.Items = items.Copy();
        }

        var values = schema.AdditionalProperties!;
        return values.TypeName is null ? values : schema.AdditionalProperties = values.Copy();
    }

    private static void SetAttribute(Schema schema, string word)
    {
        const string item = "item-";
        if (word.StartsWith(item, StringComparison.Ordinal))
        {
            SetAttribute(OwnInner(schema), word[item.Length..]);
            return;
        }

        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var value = word[(equals + 1)..];
        switch (word[..equals])
        {
            case "required":
                schema.Required = value.Split(',');
                break;
            case "list":
                var colon = value.IndexOf(':', StringComparison.Ordinal);
                schema.ListTypeGiven = true;
                schema.ListType = (colon < 0 ? value : value[..colon]) switch { "map" => ListType.Map, "set" => ListType.Set, _ => ListType.Atomic };
                schema.ListMapKeys = colon < 0 ? [] : value[(colon + 1)..].Split(',');
                break;
            case "map":
                schema.AtomicMap = value == "atomic";
                break;
            case "strategy":
                schema.PatchStrategies = value.Split(',');
                break;
            case "key":
                schema.PatchMergeKey = value;
                break;
            case "enum":
                schema.Enum = [.. JsonNode.Parse(value)!.AsArray()];
                break;
            case "default":
                schema.Default = JsonNode.Parse(value);
                break;
            case "gvk":
                break;
            case var other:
                throw new FormatException($"unknown attribute {other} in the table of built-in types");
        }
    }
}
