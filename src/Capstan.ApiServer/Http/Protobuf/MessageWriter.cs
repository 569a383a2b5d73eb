using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Http.Protobuf;

/// <summary>Turns JSON into a message, field by field as <see cref="MessageTable"/> numbers them. What the message does not have is left out.</summary>
internal static class MessageWriter
{
    public static ProtobufMessage Write(JsonObject json, string message)
    {
        var written = new ProtobufMessage();
        foreach (var (number, field) in MessageTable.FieldsOf(message))
        {
            if (field.IsInline)
            {
                if (Write(json, field.Type[1..]) is { IsEmpty: false } inner)
                {
                    written.Message(number, inner);
                }

                continue;
            }

            switch (field.Shape, json[field.Name])
            {
                case (_, null):
                    break;
                case (FieldShape.List, JsonArray items):
                    Add(written, number, field.Type, items);
                    break;
                case (FieldShape.Wrapped, JsonArray items):
                    written.Message(number, Wrapped(field.Type, items));
                    break;
                case (FieldShape.Map, JsonObject entries):
                    foreach (var (key, value) in entries)
                    {
                        written.Message(number, Entry(key, field.Type, value));
                    }

                    break;
                case (FieldShape.One, { } value):
                    Add(written, number, field.Type, value);
                    break;
            }
        }

        return written;
    }

    private static ProtobufMessage Entry(string key, string type, JsonNode? value)
    {
        var entry = new ProtobufMessage();
        entry.Bytes(1, Encoding.UTF8.GetBytes(key));
        if (value is JsonArray items && type.StartsWith("[]", StringComparison.Ordinal))
        {
            entry.Message(2, Wrapped(type[2..], items));
        }
        else if (value is not null)
        {
            Add(entry, 2, type, value);
        }

        return entry;
    }

    // A list where one value must stand is a message whose first field are the items.
    private static ProtobufMessage Wrapped(string type, JsonArray items)
    {
        var list = new ProtobufMessage();
        Add(list, 1, type, items);
        return list;
    }

    private static void Add(ProtobufMessage written, int number, string type, JsonArray items)
    {
        foreach (var item in items)
        {
            Add(written, number, type, item ?? JsonValue.Create(""));
        }
    }

    private static void Add(ProtobufMessage written, int number, string type, JsonNode value)
    {
        switch (type)
        {
            case "integer" when value.GetValueKind() == JsonValueKind.Number:
                written.Number(number, value.GetValue<long>());
                break;
            case "boolean":
                written.Number(number, value.GetValueKind() == JsonValueKind.True ? 1 : 0);
                break;
            case "number":
                written.Real(number, value);
                break;
            case "string" when value.GetValueKind() == JsonValueKind.String:
                written.Bytes(number, Encoding.UTF8.GetBytes(value.GetValue<string>()));
                break;
            case "bytes" when value.GetValueKind() == JsonValueKind.String:
                var text = value.GetValue<string>();
                var bytes = new byte[text.Length];
                written.Bytes(number, Convert.TryFromBase64String(text, bytes, out var count) ? bytes.AsSpan(0, count) : []);
                break;
            case ['@', ..]:
                written.Message(number, Write(value as JsonObject ?? [], type[1..]));
                break;
            default:
                written.Message(number, WellKnown.Write(type, value));
                break;
        }
    }
}
