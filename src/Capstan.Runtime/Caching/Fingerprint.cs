using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Capstan.Caching;

/// <summary>Sixteen bytes that stand for chosen parts of an object: equal parts, equal bytes; other parts, other bytes, but for chances that nobody lives to see.</summary>
/// <remarks>Of the parts as the server writes them, byte for byte: compare with what it answered to a write, not with what was sent.</remarks>
/// <param name="High">First eight bytes.</param>
/// <param name="Low">Last eight bytes.</param>
public readonly record struct Fingerprint(ulong High, ulong Low)
{
    /// <summary>The fingerprint of bytes.</summary>
    public static Fingerprint Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return new(BinaryPrimitives.ReadUInt64BigEndian(hash), BinaryPrimitives.ReadUInt64BigEndian(hash[8..]));
    }

    /// <summary>The fingerprint of members of an object, for example <c>spec</c> and <c>metadata.labels</c>; one that is missing counts as missing.</summary>
    /// <param name="value">The object.</param>
    /// <param name="members">Names, of members in members with dots between.</param>
    public static Fingerprint Of(DynamicObject value, params ReadOnlySpan<string> members)
    {
        var buffer = new ArrayBufferWriter<byte>(value.Json.Length + 64);
        foreach (var member in members)
        {
            var part = value.Json.Span;
            foreach (var name in member.AsSpan().Split('.'))
            {
                part = Member(part, member.AsSpan()[name]);
            }

            // With its length, so that the end of one part is never the beginning of another.
            BinaryPrimitives.WriteInt32BigEndian(buffer.GetSpan(4), part.Length);
            buffer.Advance(4);
            buffer.Write(part);
        }

        return Of(buffer.WrittenSpan);
    }

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() => $"{High:x16}{Low:x16}";

    /// <summary>The JSON of a member; empty if there is none. The last of several counts, as everywhere in Kubernetes.</summary>
    private static ReadOnlySpan<byte> Member(ReadOnlySpan<byte> json, ReadOnlySpan<char> name)
    {
        if (json.IsEmpty || json[0] != '{')
        {
            return default;
        }

        Span<byte> wanted = stackalloc byte[256];
        if (!Encoding.UTF8.TryGetBytes(name, wanted, out var length))
        {
            return default;
        }

        var found = default(ReadOnlySpan<byte>);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1024 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var matches = reader.ValueTextEquals(wanted[..length]);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            found = matches ? json[start..(int)reader.BytesConsumed] : found;
        }

        return found;
    }
}

/// <summary>What a cache of fingerprints knows of an object.</summary>
/// <param name="Key">Namespace and name.</param>
/// <param name="Uid">Identity in time.</param>
/// <param name="ResourceVersion">Version of the object that was last seen or written.</param>
/// <param name="Hash">Fingerprint of that version.</param>
public readonly record struct ObjectFingerprint(ObjectKey Key, string Uid, string ResourceVersion, Fingerprint Hash);
