using System.Text.Json;

namespace Capstan.ApiServer.Storage;

/// <summary>What is known of a stored object without parsing it.</summary>
internal sealed record StoredHeader(ObjectKey Key, string Uid, IReadOnlyDictionary<string, string>? Labels)
{
    /// <summary>Reads it from an object as it was stored, with the place of its resourceVersion.</summary>
    /// <exception cref="FormatException">There is no metadata with a resourceVersion.</exception>
    public static (StoredHeader Header, int VersionAt, int VersionLength) Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, ObjectJson.Reader);
        if (!Enter(ref reader, "metadata"u8))
        {
            throw new FormatException("an object without metadata");
        }

        var (ns, name, uid) = ("", "", "");
        Dictionary<string, string>? labels = null;
        var (versionAt, versionLength) = (-1, 0);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("resourceVersion"u8))
            {
                reader.Read();
                (versionAt, versionLength) = ((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            }
            else if (reader.ValueTextEquals("labels"u8))
            {
                labels = ReadLabels(ref reader);
            }
            else if (!TryRead(ref reader, "name"u8, ref name) && !TryRead(ref reader, "namespace"u8, ref ns) && !TryRead(ref reader, "uid"u8, ref uid))
            {
                reader.Skip();
            }
        }

        return versionAt > 0 ? (new StoredHeader(new ObjectKey(ns, name), uid, labels), versionAt, versionLength) : throw new FormatException("an object without a resourceVersion");
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

    private static Dictionary<string, string>? ReadLabels(ref Utf8JsonReader reader)
    {
        reader.Read();
        Dictionary<string, string>? labels = null;
        while (reader.TokenType != JsonTokenType.Null && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            (labels ??= new(StringComparer.Ordinal))[name] = reader.GetString() ?? "";
        }

        return labels;
    }
}
