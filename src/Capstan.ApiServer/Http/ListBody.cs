using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Storage;
using Capstan.Yaml;

namespace Capstan.ApiServer.Http;

/// <summary>A list on its way to a client: its items are written one after the other, so that none but the one at hand is in memory a second time.</summary>
/// <param name="head">All other fields, in the order of JSON; the list comes after them.</param>
/// <param name="field">The field of the list: <c>items</c>, or the <c>rows</c> of a table.</param>
/// <param name="count">How many items there are.</param>
/// <param name="item">Writes the JSON of the item of an index.</param>
internal sealed class ListBody(JsonObject head, string field, int count, Action<IBufferWriter<byte>, int> item)
{
    private const int FlushFrom = 48 << 10;

    private readonly ArrayBufferWriter<byte> _buffer = new(64 << 10);

    // One item, where it is to be read again before it is written.
    private readonly ArrayBufferWriter<byte> _item = new();

    /// <summary>What stands in place of the list when it is empty.</summary>
    public string Empty { get; init; } = "[]";

    public Task WriteAsync(Stream body, Format format, bool pretty) => format == Format.Yaml ? WriteYamlAsync(body) : pretty ? WritePrettyAsync(body) : WriteJsonAsync(body);

    /// <summary>The fields of all objects in the order of their names, which is that of YAML.</summary>
    public static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject obj => new JsonObject(obj.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    private async Task WriteJsonAsync(Stream body)
    {
        var start = ObjectBytes.Of(head).AsSpan();
        _buffer.Write(start[..^1]);
        _buffer.Write(Encoding.UTF8.GetBytes($",\"{field}\":{(count == 0 ? Empty : "[")}"));
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
            {
                _buffer.Write(","u8);
            }

            item(_buffer, i);
            await FlushAsync(body, FlushFrom);
        }

        _buffer.Write(count == 0 ? "}\n"u8 : "]}\n"u8);
        await FlushAsync(body, 0);
    }

    private async Task WritePrettyAsync(Stream body)
    {
        await using var writer = new Utf8JsonWriter(_buffer, ObjectJson.Indented);
        writer.WriteStartObject();
        foreach (var (name, value) in head)
        {
            writer.WritePropertyName(name);
            Write(writer, value);
        }

        writer.WritePropertyName(field);
        if (count == 0)
        {
            writer.WriteRawValue(Empty);
        }
        else
        {
            writer.WriteStartArray();
            for (var i = 0; i < count; i++)
            {
                Write(writer, Read(i));
                await writer.FlushAsync();
                await FlushAsync(body, FlushFrom);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        await writer.FlushAsync();
        await FlushAsync(body, 0);
    }

    // A list stands under its field without being indented, so that an item alone reads as it does in the whole.
    private async Task WriteYamlAsync(Stream body)
    {
        foreach (var (name, value) in head.Select(f => (f.Key, f.Value)).Append((field, null)).OrderBy(f => f.Item1, StringComparer.Ordinal).ToList())
        {
            if (name != field)
            {
                Yaml(new JsonObject { [name] = Sorted(value) });
            }
            else if (count == 0)
            {
                Yaml(new JsonObject { [name] = JsonNode.Parse(Empty) });
            }
            else
            {
                _buffer.Write(Encoding.UTF8.GetBytes($"{name}:\n"));
                for (var i = 0; i < count; i++)
                {
                    Yaml(new JsonArray(Sorted(Read(i))));
                    await FlushAsync(body, FlushFrom);
                }
            }
        }

        await FlushAsync(body, 0);
    }

    private JsonObject Read(int index)
    {
        _item.ResetWrittenCount();
        item(_item, index);
        return ObjectJson.Parse(_item.WrittenMemory);
    }

    private void Yaml(JsonNode node) => Encoding.UTF8.GetBytes(YamlWriter.Write(node), _buffer);

    private static void Write(Utf8JsonWriter writer, JsonNode? node)
    {
        if (node is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            node.WriteTo(writer);
        }
    }

    private async Task FlushAsync(Stream body, int from)
    {
        if (_buffer.WrittenCount > from)
        {
            await body.WriteAsync(_buffer.WrittenMemory);
            _buffer.ResetWrittenCount();
        }
    }
}
