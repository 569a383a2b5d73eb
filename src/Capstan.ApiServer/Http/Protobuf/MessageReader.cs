using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Http.Protobuf;

/// <summary>Turns a message into JSON, field by field as <see cref="MessageTable"/> names them. Fields that it does not name are left out.</summary>
internal static class MessageReader
{
    /// <summary>Deeper than any built-in kind; shallow enough for every stack.</summary>
    private const int MaxDepth = 100;

    /// <summary>Adds the fields of a message to an object.</summary>
    /// <exception cref="FormatException">The bytes are no such message.</exception>
    public static void Fill(JsonObject json, ReadOnlySpan<byte> bytes, string message, int depth = 0)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException("exceeded max depth");
        }

        var fields = MessageTable.FieldsOf(message);
        for (var reader = new ProtobufReader(bytes); !reader.IsAtEnd;)
        {
            var (number, wire) = reader.ReadTag();
            if (!fields.TryGetValue(number, out var field))
            {
                reader.Skip(wire);
            }
            else if (field.IsInline)
            {
                Fill(json, Bytes(ref reader, wire), field.Type[1..], depth + 1);
            }
            else if (field.Shape == FieldShape.Map)
            {
                AddEntry((JsonObject)(json[field.Name] ??= new JsonObject()), Bytes(ref reader, wire), field.Type, depth);
            }
            else if (field.Shape == FieldShape.List)
            {
                ((JsonArray)(json[field.Name] ??= new JsonArray())).Add(Value(ref reader, wire, field.Type, depth));
            }
            else if (field.Shape == FieldShape.Wrapped)
            {
                json[field.Name] = Items(Bytes(ref reader, wire), field.Type, depth);
            }
            else if (Value(ref reader, wire, field.Type, depth) is { } value && (field.IsPointer || !IsZero(value)))
            {
                json[field.Name] = value;
            }
        }
    }

    private static void AddEntry(JsonObject map, ReadOnlySpan<byte> bytes, string type, int depth)
    {
        var key = "";
        JsonNode? value = null;
        for (var reader = new ProtobufReader(bytes); !reader.IsAtEnd;)
        {
            var (number, wire) = reader.ReadTag();
            switch (number)
            {
                case 1:
                    key = Encoding.UTF8.GetString(Bytes(ref reader, wire));
                    break;
                case 2 when type.StartsWith("[]", StringComparison.Ordinal):
                    value = Items(Bytes(ref reader, wire), type[2..], depth);
                    break;
                case 2:
                    value = Value(ref reader, wire, type, depth);
                    break;
                default:
                    reader.Skip(wire);
                    break;
            }
        }

        map[key] = value ?? (type is "string" or "bytes" ? "" : type[0] == '@' ? new JsonObject() : null);
    }

    /// <summary>A list that stands where one value must: a message whose first field are the items.</summary>
    private static JsonArray Items(ReadOnlySpan<byte> bytes, string type, int depth)
    {
        var items = new JsonArray();
        for (var reader = new ProtobufReader(bytes); !reader.IsAtEnd;)
        {
            items.Add(Value(ref reader, reader.ReadTag().Wire, type, depth));
        }

        return items;
    }

    private static JsonNode? Value(ref ProtobufReader reader, WireType wire, string type, int depth) => type switch
    {
        "integer" => JsonValue.Create((long)Number(ref reader, wire)),
        "boolean" => JsonValue.Create(Number(ref reader, wire) != 0),
        "number" => wire == WireType.Fixed64 ? JsonValue.Create(reader.ReadDouble()) : throw WrongWire(wire),
        "string" => JsonValue.Create(Encoding.UTF8.GetString(Bytes(ref reader, wire))),
        "bytes" => JsonValue.Create(Convert.ToBase64String(Bytes(ref reader, wire))),
        _ when type[0] == '@' => Message(Bytes(ref reader, wire), type[1..], depth),
        _ => WellKnown.Read(type, Bytes(ref reader, wire)),
    };

    private static JsonObject Message(ReadOnlySpan<byte> bytes, string message, int depth)
    {
        var json = new JsonObject();
        Fill(json, bytes, message, depth + 1);
        return json;
    }

    private static bool IsZero(JsonNode value) => value switch
    {
        JsonObject json => json.Count == 0,
        JsonValue scalar => scalar.GetValueKind() switch
        {
            JsonValueKind.String => scalar.GetValue<string>().Length == 0,
            JsonValueKind.False => true,
            JsonValueKind.Number => scalar.ToJsonString() is "0" or "-0",
            _ => false,
        },
        _ => false,
    };

    private static ReadOnlySpan<byte> Bytes(ref ProtobufReader reader, WireType wire) => wire == WireType.Bytes ? reader.ReadBytes() : throw WrongWire(wire);

    private static ulong Number(ref ProtobufReader reader, WireType wire) => wire == WireType.Varint ? reader.ReadVarint() : throw WrongWire(wire);

    private static FormatException WrongWire(WireType wire) => new($"wrong wireType = {((int)wire).ToString(CultureInfo.InvariantCulture)}");
}
