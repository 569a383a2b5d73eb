using System.Text.Json;
using Capstan.Cel;

namespace Capstan.Tool.Cel;

/// <summary>
/// A value as JSON: bytes as base64, timestamps, durations and values of libraries as their texts, types as their names, optional values as what
/// is in them or null, keys of maps as texts, doubles with a point or an exponent and those that are no numbers as texts.
/// </summary>
internal static class ValueJson
{
    private const int Longest = 64 << 20;

    /// <exception cref="CannotRunException">It would be too long.</exception>
    public static void Write(Utf8JsonWriter json, CelValue value)
    {
        if (json.BytesCommitted + json.BytesPending > Longest)
        {
            throw new CannotRunException($"the value is longer than {Longest >> 20} MiB");
        }

        switch (value.Kind)
        {
            case CelKind.Null: json.WriteNullValue(); break;
            case CelKind.Bool: json.WriteBooleanValue(value.Bool); break;
            case CelKind.Int: json.WriteNumberValue(value.Int); break;
            case CelKind.Uint: json.WriteNumberValue(value.Uint); break;
            case CelKind.Double when double.IsFinite(value.Double): json.WriteRawValue(ScalarText.OfDouble(value.Double)); break;
            case CelKind.Double: json.WriteStringValue(ScalarText.OfDouble(value.Double)); break;
            case CelKind.String or CelKind.Type: json.WriteStringValue(value.String); break;
            case CelKind.Bytes: json.WriteBase64StringValue(value.Bytes); break;
            case CelKind.Optional when value.Optional.HasValue: Write(json, value.Optional.Value); break;
            case CelKind.Optional: json.WriteNullValue(); break;
            case CelKind.List:
                json.WriteStartArray();
                for (var i = 0; i < value.List.Count; i++)
                {
                    Write(json, value.List[i]);
                }

                json.WriteEndArray();
                break;
            case CelKind.Map:
                json.WriteStartObject();
                for (var i = 0; i < value.Map.Count; i++)
                {
                    var (key, item) = value.Map.Entry(i);
                    json.WritePropertyName(key.Kind == CelKind.Double ? ScalarText.OfDouble(key.Double) : key.ToString());
                    Write(json, item);
                }

                json.WriteEndObject();
                break;
            default: json.WriteStringValue(value.ToString()); break;
        }
    }
}
