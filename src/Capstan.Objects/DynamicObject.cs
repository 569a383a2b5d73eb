using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan;

/// <summary>An object of any kind: its JSON as UTF-8, and a header that is read once.</summary>
/// <remarks>
/// Immutable and thread-safe. The body is decoded only by <see cref="To{T}"/> and <see cref="ToJson"/>, each time anew, so what they
/// return belongs to the caller. Numbers keep their text and unknown fields stay.
/// </remarks>
public sealed class DynamicObject
{
    private static readonly IReadOnlyDictionary<string, string> NoLabels = FrozenDictionary<string, string>.Empty;
    private static readonly JsonDocumentOptions DeepDocument = new() { MaxDepth = ObjectHeader.MaxDepth };

    private readonly ObjectHeader _header;
    private IReadOnlyDictionary<string, string>? _labels;

    private DynamicObject(ReadOnlyMemory<byte> json, in ObjectHeader header)
    {
        Json = json;
        _header = header;
    }

    /// <summary>The whole object as UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>Group and version, for example <c>apps/v1</c>; empty if the object does not say.</summary>
    public string ApiVersion => _header.ApiVersion ?? "";

    /// <summary>Kind; empty if the object does not say.</summary>
    public string Kind => _header.Kind ?? "";

    /// <summary>Group, version and kind.</summary>
    public GroupVersionKind GroupVersionKind => GroupVersionKind.Parse(ApiVersion, Kind);

    /// <summary>Namespace and name. The name is empty while only <c>generateName</c> is set.</summary>
    public ObjectKey Key => new(_header.Namespace ?? "", _header.Name ?? "");

    /// <summary>Prefix from which the server makes a name on create.</summary>
    public string? GenerateName => _header.GenerateName;

    /// <summary>Identity in time; null before the object is stored.</summary>
    public string? Uid => _header.Uid;

    /// <summary>Version of the stored object.</summary>
    public string? ResourceVersion => _header.ResourceVersion;

    /// <summary>Grows with each change of desired state; 0 for kinds that do not count.</summary>
    public long Generation => _header.Generation;

    /// <summary>When deletion was asked for; null unless the object is being deleted.</summary>
    public DateTimeOffset? DeletionTimestamp => _header.DeletionTimestamp;

    /// <summary>Labels; empty if there are none.</summary>
    public IReadOnlyDictionary<string, string> Labels => _labels ??= ReadMap("labels"u8);

    /// <summary>Annotations; empty if there are none. Read anew at each call.</summary>
    public IReadOnlyDictionary<string, string> Annotations => ReadMap("annotations"u8);

    /// <summary>Owners; empty if there are none. Read anew at each call.</summary>
    /// <exception cref="JsonException">A reference lacks one of its required fields.</exception>
    public IReadOnlyList<OwnerReference> OwnerReferences
    {
        get
        {
            var found = FindInMetadata("ownerReferences"u8);
            return found.IsEmpty ? [] : JsonSerializer.Deserialize(found, ObjectsJson.Default.ListOwnerReference) ?? [];
        }
    }

    /// <summary>Finalizers; empty if there are none. Read anew at each call.</summary>
    public IReadOnlyList<string> Finalizers
    {
        get
        {
            var found = FindInMetadata("finalizers"u8);
            return found.IsEmpty ? [] : JsonSerializer.Deserialize(found, ObjectsJson.Default.ListString) ?? [];
        }
    }

    /// <summary>Reads an object. The memory is kept, not copied: it must not change afterwards.</summary>
    /// <exception cref="JsonException">Not a JSON object, or its metadata is not what Kubernetes defines.</exception>
    public static DynamicObject Parse(ReadOnlyMemory<byte> utf8Json) => new(utf8Json, ObjectHeader.Read(utf8Json.Span, null));

    /// <summary>Reads an object from a buffer that the caller will use again.</summary>
    /// <param name="utf8Json">One JSON object.</param>
    /// <param name="type">Gives <c>apiVersion</c> and <c>kind</c> when the object does not say them, as the items of built-in lists do not.</param>
    /// <param name="withoutManagedFields">Leaves out <c>metadata.managedFields</c>, often half of the object.</param>
    /// <exception cref="JsonException">Not a JSON object, or its metadata is not what Kubernetes defines.</exception>
    public static DynamicObject CopyFrom(ReadOnlySpan<byte> utf8Json, ResourceType? type = null, bool withoutManagedFields = false)
    {
        var header = ObjectHeader.Read(utf8Json, type);
        return Splice(utf8Json, type, withoutManagedFields, header);
    }

    /// <summary>As the other, for what is kept in great number.</summary>
    /// <param name="utf8Json">One JSON object.</param>
    /// <param name="type">Gives <c>apiVersion</c> and <c>kind</c> when the object does not say them.</param>
    /// <param name="withoutManagedFields">Leaves out <c>metadata.managedFields</c>.</param>
    /// <param name="likelyNamespace">Taken instead of a new string if it is the object's.</param>
    /// <param name="known">Gives the object that is kept under a key already: the result, if it has the uid and version of <paramref name="utf8Json"/>.</param>
    /// <param name="isKnown">Whether it was.</param>
    internal static DynamicObject CopyFrom(
        ReadOnlySpan<byte> utf8Json, ResourceType? type, bool withoutManagedFields, string likelyNamespace, Func<ObjectKey, DynamicObject?>? known, out bool isKnown)
    {
        var header = ObjectHeader.Read(utf8Json, type, likelyNamespace);
        var same = known?.Invoke(new(header.Namespace ?? "", header.Name ?? ""));
        isKnown = same is not null && same.Uid == header.Uid && same.ResourceVersion is { } version && version == header.ResourceVersion;
        return isKnown ? same! : Splice(utf8Json, type, withoutManagedFields, header);
    }

    /// <summary>The metadata alone, as a server gives it that is asked for <c>PartialObjectMetadata</c>.</summary>
    internal DynamicObject ToMetadata()
    {
        if (Kind == "PartialObjectMetadata")
        {
            return this;
        }

        byte[] json = [.. """{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":"""u8, .. _header.Metadata.Equals(default) ? "{}"u8 : Json.Span[_header.Metadata], (byte)'}'];
        return CopyFrom(json, withoutManagedFields: true);
    }

    private static DynamicObject Splice(ReadOnlySpan<byte> utf8Json, ResourceType? type, bool withoutManagedFields, in ObjectHeader header)
    {
        var copy = header.Splice(utf8Json, type, withoutManagedFields, out var moved);
        return new(copy, moved);
    }

    /// <summary>Takes a JSON tree as it is now.</summary>
    /// <exception cref="JsonException">Its metadata is not what Kubernetes defines.</exception>
    public static DynamicObject From(JsonObject json)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = ObjectHeader.MaxDepth, Encoder = JsonText.Encoder }))
        {
            json.WriteTo(writer);
        }

        return Parse(buffer.WrittenMemory);
    }

    /// <summary>Takes a typed object as it is now; a missing <c>apiVersion</c> or <c>kind</c> is that of the type.</summary>
    public static DynamicObject From<T>(T value)
        where T : KubeObject, IKubeObject<T> =>
        CopyFrom(JsonSerializer.SerializeToUtf8Bytes(value, T.JsonTypeInfo), T.Resource);

    /// <summary>A JSON tree of the object that belongs to the caller.</summary>
    public JsonObject ToJson() => JsonNode.Parse(Json.Span, documentOptions: DeepDocument)!.AsObject();

    /// <summary>Decodes into a type; the result belongs to the caller.</summary>
    /// <exception cref="JsonException">A field has another type than <typeparamref name="T"/> says; the message names its path.</exception>
    public T To<T>()
        where T : KubeObject, IKubeObject<T>
    {
        var value = JsonSerializer.Deserialize(Json.Span, T.JsonTypeInfo) ?? throw new JsonException("null is not an object");
        value.ApiVersion ??= T.Resource.ApiVersion;
        value.Kind ??= T.Resource.Kind;
        return value;
    }

    /// <summary><c>Kind namespace/name</c>.</summary>
    public override string ToString() => $"{Kind} {Key}";

    private IReadOnlyDictionary<string, string> ReadMap(ReadOnlySpan<byte> name)
    {
        var found = FindInMetadata(name);
        if (found.IsEmpty)
        {
            return NoLabels;
        }

        return JsonSerializer.Deserialize(found, ObjectsJson.Default.DictionaryStringString) is { Count: > 0 } map ? map : NoLabels;
    }

    /// <summary>The JSON of one member of metadata; empty when it is absent. The last wins, as everywhere in Kubernetes.</summary>
    private ReadOnlySpan<byte> FindInMetadata(ReadOnlySpan<byte> name)
    {
        var metadata = Json.Span[_header.Metadata];
        var found = default(ReadOnlySpan<byte>);
        if (metadata.IsEmpty)
        {
            return found;
        }

        var reader = new Utf8JsonReader(metadata, new JsonReaderOptions { MaxDepth = ObjectHeader.MaxDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var matches = reader.ValueTextEquals(name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (matches)
            {
                found = metadata[start..(int)reader.BytesConsumed];
            }
        }

        return found.SequenceEqual("null"u8) ? default : found;
    }
}
