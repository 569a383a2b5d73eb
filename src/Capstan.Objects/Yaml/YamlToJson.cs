using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Capstan.Yaml;

/// <summary>Writes a composed document as JSON: merge keys applied, keys made strings, scalars typed, aliases expanded within bounds.</summary>
/// <param name="source">Name of the text in errors.</param>
/// <param name="duplicates">What to do with repeated keys.</param>
/// <param name="repeated">Gets a line in Kubernetes' words for each repeated key; null when nobody asks.</param>
internal sealed class YamlToJson(string source, DuplicateKeys duplicates, ICollection<string>? repeated = null)
{
    /// <summary>What aliases may add to one document. Honest documents stay far below; nine lines of nested aliases would be a billion.</summary>
    private const int MostAliasedNodes = 100_000;
    private const long MostAliasedBytes = 32 * 1024 * 1024;

    private readonly HashSet<YamlNode> _open = [];
    private int _aliasDepth;
    private int _aliasedNodes;
    private long _aliasedBytes;

    public ReadOnlyMemory<byte> Convert(YamlNode document)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer)) Write(document, json);
        return buffer.WrittenMemory;
    }

    private void Write(YamlNode node, Utf8JsonWriter json)
    {
        Count(node);
        if (json.CurrentDepth > YamlComposer.DeepestNesting) throw Fault(node, $"nested more than {YamlComposer.DeepestNesting} levels deep");
        switch (node)
        {
            case YamlAliasNode alias:
                using (Enter(alias)) Write(alias.Target, json);
                break;
            case YamlSequenceNode sequence:
                json.WriteStartArray();
                foreach (var item in sequence.Items) Write(item, json);
                json.WriteEndArray();
                break;
            case YamlMappingNode mapping:
                json.WriteStartObject();
                foreach (var (key, value) in Entries(mapping))
                {
                    json.WritePropertyName(key);
                    Write(value, json);
                }

                json.WriteEndObject();
                break;
            case YamlScalarNode scalar:
                WriteScalar(scalar, json);
                break;
        }
    }

    private IEnumerable<KeyValuePair<string, YamlNode>> Entries(YamlMappingNode mapping)
    {
        var entries = new OrderedDictionary<string, YamlNode>(mapping.Entries.Count, StringComparer.Ordinal);
        HashSet<string>? merged = null;
        foreach (var (keyNode, value) in mapping.Entries)
        {
            if (keyNode is YamlScalarNode { IsMergeKey: true })
            {
                merged ??= new(StringComparer.Ordinal);
                Merge(value, entries, merged);
                continue;
            }

            var key = Key(keyNode);
            // A key that came by << may be overridden; only one that is written twice is a fault.
            if (!entries.TryAdd(key, value))
            {
                repeated?.Add($"line {value.Start.Line}: key {Quoted(keyNode, key)} already set in map");
                if (merged?.Remove(key) != true && duplicates == DuplicateKeys.Refuse) throw Fault(keyNode, $"key \"{key}\" already set in map");
                entries[key] = value;
            }
        }

        return entries;
    }

    private void Merge(YamlNode value, OrderedDictionary<string, YamlNode> entries, HashSet<string> merged)
    {
        Count(value);
        switch (value)
        {
            case YamlAliasNode alias:
                using (Enter(alias)) Merge(alias.Target, entries, merged);
                break;
            case YamlMappingNode mapping:
                // As go-yaml v2: the merge happens where it stands, so it wins over keys written before it.
                foreach (var (key, item) in Entries(mapping))
                {
                    if (_aliasDepth > 0) Count(item);
                    entries[key] = item;
                    merged.Add(key);
                }

                break;
            case YamlSequenceNode sequence when sequence.Items.All(IsMapping):
                for (var i = sequence.Items.Count - 1; i >= 0; i--) Merge(sequence.Items[i], entries, merged);
                break;
            default:
                throw Fault(value, "map merge requires map or sequence of maps as the value");
        }
    }

    private static bool IsMapping(YamlNode node) => node is YamlMappingNode or YamlAliasNode { Target: YamlMappingNode };

    private string Key(YamlNode node)
    {
        while (node is YamlAliasNode alias) node = alias.Target;
        if (node is not YamlScalarNode scalar) throw Fault(node, "a key must be a string, not a map or a list");
        return Value(scalar) switch
        {
            string text => text,
            bool flag => flag ? "true" : "false",
            long number => number.ToString(CultureInfo.InvariantCulture),
            double number when double.IsFinite(number) => JsonFloat.Write(number),
            _ => throw Fault(node, $"a key must be a string, not {(scalar.Value.Length == 0 ? "nothing" : scalar.Value)}"),
        };
    }

    private string Quoted(YamlNode node, string key) => node is YamlScalarNode scalar && Value(scalar) is not string ? key : $"\"{key}\"";

    private void WriteScalar(YamlScalarNode scalar, Utf8JsonWriter json)
    {
        switch (Value(scalar))
        {
            case null: json.WriteNullValue(); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case long number: json.WriteNumberValue(number); break;
            case ulong number: json.WriteNumberValue(number); break;
            case double number when double.IsFinite(number): json.WriteRawValue(JsonFloat.Write(number)); break;
            case double: throw Fault(scalar, $"{scalar.Value} has no form in JSON");
            case string text: json.WriteStringValue(text); break;
        }
    }

    private object? Value(YamlScalarNode scalar)
    {
        switch (scalar.Tag)
        {
            case "": return scalar.IsPlain ? YamlScalar.Resolve(scalar.Value) : scalar.Value;
            case "!!binary": return Binary(scalar);
            case "!!bool" or "!!int" or "!!float" or "!!null": break;
            default: return scalar.Value;
        }

        var value = YamlScalar.Resolve(scalar.Value);
        if (scalar.Tag == "!!float" && value is long or ulong) value = System.Convert.ToDouble(value, CultureInfo.InvariantCulture);
        var tag = value switch { null => "!!null", bool => "!!bool", long or ulong => "!!int", double => "!!float", _ => "!!str" };
        return tag == scalar.Tag ? value : throw Fault(scalar, $"cannot decode {tag} `{scalar.Value}` as a {scalar.Tag}");
    }

    private string Binary(YamlScalarNode scalar)
    {
        try
        {
            return Encoding.UTF8.GetString(System.Convert.FromBase64String(scalar.Value));
        }
        catch (FormatException)
        {
            throw Fault(scalar, "!!binary value contains invalid base64 data");
        }
    }

    private void Count(YamlNode node)
    {
        if (_aliasDepth == 0) return;
        _aliasedBytes += node is YamlScalarNode scalar ? scalar.Value.Length : 1;
        if (++_aliasedNodes > MostAliasedNodes || _aliasedBytes > MostAliasedBytes) throw Fault(node, "document contains excessive aliasing");
    }

    private AliasScope Enter(YamlAliasNode alias)
    {
        if (!_open.Add(alias.Target)) throw Fault(alias, $"anchor '{alias.Name}' value contains itself");
        _aliasDepth++;
        return new(this, alias.Target);
    }

    private YamlFormatException Fault(YamlNode node, string fault) => new(source, node.Start.Line, node.Start.Column, fault);

    private readonly ref struct AliasScope(YamlToJson owner, YamlNode target)
    {
        public void Dispose()
        {
            owner._aliasDepth--;
            owner._open.Remove(target);
        }
    }
}
