using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Http;

/// <summary>Reads JSON that anybody may have sent: the last of duplicate fields wins and each is reported by its path, broken UTF-8 and lone
/// surrogates become U+FFFD, numbers keep their text, and depth is bounded. Faults are worded as Kubernetes words them.</summary>
internal static class JsonDecoder
{
    /// <summary>Parses <paramref name="utf8"/>; <paramref name="duplicates"/> receives paths such as <c>metadata.labels.app</c>.</summary>
    /// <exception cref="FormatException">It is not JSON; the message says why.</exception>
    public static JsonNode? Decode(ReadOnlySpan<byte> utf8, ICollection<string>? duplicates = null)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = ObjectJson.MaxDepth });
        try
        {
            reader.Read();
            var node = new Reading(duplicates).Value(ref reader);
            reader.Read();
            return node;
        }
        catch (JsonException e)
        {
            throw new FormatException(JsonSyntax.FaultOf(utf8) ?? e.Message, e);
        }
    }

    private sealed class Reading(ICollection<string>? duplicates)
    {
        private readonly List<string> path = [];

        public JsonNode? Value(ref Utf8JsonReader reader)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    return Object(ref reader);
                case JsonTokenType.StartArray:
                    return Array(ref reader);
                case JsonTokenType.String:
                    return JsonValue.Create(Text(ref reader));
                case JsonTokenType.True:
                    return JsonValue.Create(true);
                case JsonTokenType.False:
                    return JsonValue.Create(false);
                case JsonTokenType.Null:
                    return null;
                default:
                    return JsonValue.Create(JsonElement.ParseValue(ref reader));
            }
        }

        private JsonObject Object(ref Utf8JsonReader reader)
        {
            var result = new JsonObject();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var name = Text(ref reader);
                if (duplicates is not null)
                {
                    path.Add(path.Count == 0 ? name : "." + name);
                    if (result.ContainsKey(name))
                    {
                        duplicates.Add(string.Concat(path));
                    }
                }

                reader.Read();
                result[name] = Value(ref reader);
                if (duplicates is not null)
                {
                    path.RemoveAt(path.Count - 1);
                }
            }

            return result;
        }

        private JsonArray Array(ref Utf8JsonReader reader)
        {
            var result = new JsonArray();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (duplicates is not null)
                {
                    path.Add($"[{result.Count}]");
                }

                result.Add(Value(ref reader));
                if (duplicates is not null)
                {
                    path.RemoveAt(path.Count - 1);
                }
            }

            return result;
        }

        private static string Text(ref Utf8JsonReader reader)
        {
            try
            {
                return reader.GetString()!;
            }
            catch (InvalidOperationException)
            {
                return Repaired(reader.ValueSpan);
            }
        }

        // The reader refuses what is not Unicode; Kubernetes replaces it.
        private static string Repaired(ReadOnlySpan<byte> raw)
        {
            var text = Encoding.UTF8.GetString(raw);
            var result = new StringBuilder(text.Length);
            for (var i = 0; i < text.Length; i++)
            {
                if (text[i] != '\\')
                {
                    result.Append(text[i]);
                    continue;
                }

                i++;
                if (text[i] == 'u')
                {
                    result.Append((char)Convert.ToUInt16(text.Substring(i + 1, 4), 16));
                    i += 4;
                }
                else
                {
                    result.Append(text[i] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'b' => '\b', 'f' => '\f', var other => other });
                }
            }

            for (var i = 0; i < result.Length; i++)
            {
                if (char.IsHighSurrogate(result[i]) && i + 1 < result.Length && char.IsLowSurrogate(result[i + 1]))
                {
                    i++;
                }
                else if (char.IsSurrogate(result[i]))
                {
                    result[i] = '\uFFFD';
                }
            }

            return result.ToString();
        }
    }
}
