using System.Buffers.Text;
using System.Globalization;

namespace Capstan.ApiServer.Storage;

/// <summary>One object as stored: its JSON as UTF-8, and the few facts that reads, selectors and watches ask for without parsing it.</summary>
/// <remarks>Immutable. The JSON begins with <c>{"kind":"…","apiVersion":"…",</c>, and where its resourceVersion stands is remembered, so that an item of a list,
/// or the event of a deletion, is made by copying rather than by parsing.</remarks>
internal sealed class StoredObject
{
    private static ReadOnlySpan<byte> Separator => "\",\"apiVersion\":\""u8;

    private readonly byte[] _json;
    private readonly int _versionAt;
    private readonly int _versionLength;

    private StoredObject(byte[] json, int versionAt, int versionLength, long revision, StoredHeader header)
    {
        _json = json;
        _versionAt = versionAt;
        _versionLength = versionLength;
        Revision = revision;
        Header = header;
    }

    /// <summary>The revision that wrote this: its <c>metadata.resourceVersion</c>.</summary>
    public long Revision { get; }

    public StoredHeader Header { get; }

    public ObjectKey Key => Header.Key;

    /// <summary>The whole object, in the apiVersion it was stored in.</summary>
    public ReadOnlyMemory<byte> Json => _json;

    /// <summary>Value of <c>apiVersion</c> as stored.</summary>
    public ReadOnlySpan<byte> ApiVersion
    {
        get
        {
            var rest = _json.AsSpan(_json.AsSpan().IndexOf(Separator) + Separator.Length);
            return rest[..rest.IndexOf((byte)'"')];
        }
    }

    /// <summary>An object without kind and apiVersion, as it stands in a list of a built-in kind, but for the opening brace.</summary>
    public static ReadOnlyMemory<byte> Untyped(ReadOnlyMemory<byte> json)
    {
        var value = json.Span.IndexOf(Separator) + Separator.Length;
        return json[(value + json.Span[value..].IndexOf((byte)'"') + 2)..];
    }

    /// <summary>Finishes an encoded object with the revision that it gets.</summary>
    public static StoredObject At(long revision, EncodedObject encoded) => Splice(encoded.Json, encoded.VersionAt, 0, revision, encoded.Header);

    /// <summary>Takes an object back from the bytes that <see cref="Json"/> gave.</summary>
    /// <exception cref="FormatException">They are not such bytes.</exception>
    public static StoredObject Read(ReadOnlySpan<byte> json)
    {
        var (header, at, length) = StoredHeader.Read(json);
        return Utf8Parser.TryParse(json.Slice(at, length), out long revision, out var used) && used == length
            ? new StoredObject(json.ToArray(), at, length, revision, header)
            : throw new FormatException("an object without a resourceVersion");
    }

    /// <summary>The same object as the event of another revision shows it, such as that of its deletion.</summary>
    public StoredObject At(long revision) => Splice(_json, _versionAt, _versionLength, revision, Header);

    private static StoredObject Splice(ReadOnlySpan<byte> source, int at, int length, long revision, StoredHeader header)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(revision, digits, out var count);
        var result = new byte[source.Length - length + count];
        source[..at].CopyTo(result);
        digits[..count].CopyTo(result.AsSpan(at));
        source[(at + length)..].CopyTo(result.AsSpan(at + count));
        return new StoredObject(result, at, count, revision, header);
    }

    public override string ToString() => $"{Key} at {Revision.ToString(CultureInfo.InvariantCulture)}";
}

/// <summary>An object ready to be stored, but for its resourceVersion, whose digits go in at <paramref name="VersionAt"/>.</summary>
internal readonly record struct EncodedObject(byte[] Json, int VersionAt, StoredHeader Header);
