using System.Text.Json;

namespace Capstan.ApiServer.Storage;

/// <summary>What is known of an object's JSON without parsing it.</summary>
/// <param name="Key">Namespace and name.</param>
/// <param name="VersionAt">Where the digits of its resourceVersion begin.</param>
/// <param name="UidAt">Where its uid begins, with the quote; 0: it has none. Before the resourceVersion.</param>
/// <param name="Labels">Null: none.</param>
internal readonly record struct ObjectFacts(ObjectKey Key, int VersionAt, int UidAt, LabelSet? Labels)
{
    /// <summary>Reads them from an object as it was stored.</summary>
    /// <exception cref="FormatException">There is no metadata with a resourceVersion.</exception>
    public static ObjectFacts Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, ObjectJson.Reader);
        if (!Enter(ref reader, "metadata"u8))
        {
            throw new FormatException("an object without metadata");
        }

        var (ns, name) = ("", "");
        LabelSet? labels = null;
        var (versionAt, uidAt) = (0, 0);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("resourceVersion"u8))
            {
                reader.Read();
                versionAt = (int)reader.TokenStartIndex + 1;
            }
            else if (reader.ValueTextEquals("uid"u8))
            {
                reader.Read();
                uidAt = (int)reader.TokenStartIndex;
            }
            else if (reader.ValueTextEquals("labels"u8))
            {
                labels = ReadLabels(ref reader);
            }
            else if (!TryRead(ref reader, "name"u8, ref name) && !TryRead(ref reader, "namespace"u8, ref ns))
            {
                reader.Skip();
            }
        }

        return versionAt > 0 ? new(new ObjectKey(ns, name), versionAt, uidAt, labels) : throw new FormatException("an object without a resourceVersion");
    }

    private static bool Enter(ref Utf8JsonReader reader, ReadOnlySpan<byte> property)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(property);
            reader.Read();
            if (found)
            {
                return reader.TokenType == JsonTokenType.StartObject;
            }

            reader.Skip();
        }

        return false;
    }

    private static bool TryRead(ref Utf8JsonReader reader, ReadOnlySpan<byte> property, ref string value)
    {
        if (!reader.ValueTextEquals(property))
        {
            return false;
        }

        reader.Read();
        value = reader.GetString() ?? "";
        return true;
    }

    private static LabelSet? ReadLabels(ref Utf8JsonReader reader)
    {
        reader.Read();
        var texts = new List<string>();
        while (reader.TokenType != JsonTokenType.Null && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            texts.Add(reader.GetString()!);
            reader.Read();
            texts.Add(reader.GetString() ?? "");
        }

        return LabelSet.Of(texts);
    }
}
