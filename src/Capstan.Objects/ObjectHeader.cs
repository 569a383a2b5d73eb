using System.Text.Json;

namespace Capstan;

/// <summary>What the runtime needs of every object, read in one pass over its JSON, and where metadata and managedFields stand in it.</summary>
internal readonly record struct ObjectHeader
{
    /// <summary>Deep enough for any schema; bounded, because the reader's stack of containers grows with it.</summary>
    public const int MaxDepth = 1024;

    public string? ApiVersion { get; init; }

    public string? Kind { get; init; }

    public string? Namespace { get; init; }

    public string? Name { get; init; }

    public string? GenerateName { get; init; }

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    public long Generation { get; init; }

    public DateTimeOffset? DeletionTimestamp { get; init; }

    /// <summary>Bytes of the metadata object; empty when there is none.</summary>
    public Range Metadata { get; init; }

    /// <summary>Bytes of the property <c>managedFields</c> with the comma that goes with it; empty when there is none.</summary>
    private (int Start, int End) ManagedFields { get; init; }

    private bool LacksApiVersion { get; init; }

    private bool LacksKind { get; init; }

    public static ObjectHeader Read(ReadOnlySpan<byte> json, ResourceType? type, string? likelyNamespace = null)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("an object must be a JSON object");
        }

        var header = new ObjectHeader { LacksApiVersion = true, LacksKind = true };
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("apiVersion"u8))
            {
                header = header with { ApiVersion = ReadString(ref reader, "apiVersion", type?.ApiVersion), LacksApiVersion = false };
            }
            else if (reader.ValueTextEquals("kind"u8))
            {
                header = header with { Kind = ReadString(ref reader, "kind", type?.Kind), LacksKind = false };
            }
            else if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                header = ReadMetadata(ref reader, json, header, likelyNamespace);
            }
            else
            {
                reader.Skip();
            }
        }

        if (reader.Read())
        {
            throw new JsonException("text follows the object");
        }

        return header with { ApiVersion = header.ApiVersion ?? type?.ApiVersion, Kind = header.Kind ?? type?.Kind };
    }

    /// <summary>Copies the object, with <c>apiVersion</c> and <c>kind</c> put in front when it lacks them, and without managedFields if asked.</summary>
    public byte[] Splice(ReadOnlySpan<byte> json, ResourceType? type, bool withoutManagedFields, out ObjectHeader moved)
    {
        // A property that is there but null is left alone: it would be there twice.
        var apiVersion = LacksApiVersion && type is not null ? JsonEncodedText.Encode(type.ApiVersion, JsonText.Encoder).EncodedUtf8Bytes : default;
        var kind = LacksKind && type is not null ? JsonEncodedText.Encode(type.Kind, JsonText.Encoder).EncodedUtf8Bytes : default;
        var open = json.IndexOf((byte)'{');
        var cut = withoutManagedFields ? ManagedFields : default;
        var inserted = (apiVersion.IsEmpty ? 0 : "\"apiVersion\":\"\","u8.Length + apiVersion.Length) + (kind.IsEmpty ? 0 : "\"kind\":\"\","u8.Length + kind.Length);
        var isEmptyObject = inserted > 0 && json[(open + 1)..].TrimStart(" \t\r\n"u8) is [(byte)'}', ..];
        if (isEmptyObject)
        {
            inserted--;
        }

        var removed = cut.End - cut.Start;
        var copy = GC.AllocateUninitializedArray<byte>(json.Length - open + inserted - removed);
        var at = 0;
        Put("{"u8, copy, ref at);
        PutProperty("apiVersion"u8, apiVersion, copy, ref at);
        PutProperty("kind"u8, kind, copy, ref at);
        if (isEmptyObject)
        {
            at--;
        }

        var from = open + 1;
        if (removed > 0)
        {
            Put(json[from..cut.Start], copy, ref at);
            from = cut.End;
        }

        Put(json[from..], copy, ref at);
        var shift = inserted - open;
        var (start, length) = Metadata.GetOffsetAndLength(json.Length);
        moved = this with
        {
            Metadata = length == 0 ? default : (start + shift)..(start + shift + length - removed),
            ManagedFields = default,
            LacksApiVersion = false,
            LacksKind = false,
        };
        return copy;
    }

    private static void PutProperty(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, Span<byte> into, ref int at)
    {
        if (value.IsEmpty)
        {
            return;
        }

        Put("\""u8, into, ref at);
        Put(name, into, ref at);
        Put("\":\""u8, into, ref at);
        Put(value, into, ref at);
        Put("\","u8, into, ref at);
    }

    private static void Put(ReadOnlySpan<byte> bytes, Span<byte> into, ref int at)
    {
        bytes.CopyTo(into[at..]);
        at += bytes.Length;
    }

    private static ObjectHeader ReadMetadata(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ObjectHeader header, string? likelyNamespace)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return header;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("metadata must be a JSON object");
        }

        // Of two members named metadata the last wins whole.
        header = new ObjectHeader { ApiVersion = header.ApiVersion, Kind = header.Kind, LacksApiVersion = header.LacksApiVersion, LacksKind = header.LacksKind };
        var start = (int)reader.TokenStartIndex;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8))
            {
                header = header with { Name = ReadString(ref reader, "metadata.name") };
            }
            else if (reader.ValueTextEquals("namespace"u8))
            {
                header = header with { Namespace = ReadString(ref reader, "metadata.namespace", likelyNamespace) };
            }
            else if (reader.ValueTextEquals("generateName"u8))
            {
                header = header with { GenerateName = ReadString(ref reader, "metadata.generateName") };
            }
            else if (reader.ValueTextEquals("uid"u8))
            {
                header = header with { Uid = ReadString(ref reader, "metadata.uid") };
            }
            else if (reader.ValueTextEquals("resourceVersion"u8))
            {
                header = header with { ResourceVersion = ReadString(ref reader, "metadata.resourceVersion") };
            }
            else if (reader.ValueTextEquals("generation"u8))
            {
                reader.Read();
                header = header with
                {
                    Generation = reader.TokenType == JsonTokenType.Null ? 0
                        : reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var generation) ? generation
                        : throw new JsonException("metadata.generation must be an integer"),
                };
            }
            else if (reader.ValueTextEquals("deletionTimestamp"u8))
            {
                var text = ReadString(ref reader, "metadata.deletionTimestamp");
                header = header with
                {
                    DeletionTimestamp = text is null ? null
                        : KubeTime.TryParse(text, out var time) ? time
                        : throw new JsonException($"metadata.deletionTimestamp: '{text}' is not an RFC 3339 time"),
                };
            }
            else if (reader.ValueTextEquals("managedFields"u8))
            {
                var property = (int)reader.TokenStartIndex;
                reader.Read();
                reader.Skip();
                header = header with { ManagedFields = WithComma(json, property, (int)reader.BytesConsumed) };
            }
            else
            {
                reader.Skip();
            }
        }

        return header with { Metadata = start..(int)reader.BytesConsumed };
    }

    private static (int Start, int End) WithComma(ReadOnlySpan<byte> json, int start, int end)
    {
        var after = json[end..].IndexOfAnyExcept(" \t\r\n"u8);
        if (after >= 0 && json[end + after] == ',')
        {
            return (start, end + after + 1);
        }

        var before = json[..start].LastIndexOfAnyExcept(" \t\r\n"u8);
        return before >= 0 && json[before] == ',' ? (before, end) : (start, end);
    }

    /// <summary>Reads a string or null; gives <paramref name="expected"/> itself when it is that, so that a million objects share it.</summary>
    private static string? ReadString(ref Utf8JsonReader reader, string path, string? expected = null)
    {
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.String => expected is not null && reader.ValueTextEquals(expected) ? expected : reader.GetString(),
            _ => throw new JsonException($"{path} must be a string"),
        };
    }
}
