using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;

namespace Capstan.ApiServer.Storage;

/// <summary>One object as stored: its JSON as UTF-8, and the few facts that reads, selectors and watches ask for without parsing it.</summary>
/// <remarks>Immutable. The JSON begins with <c>{"kind":"…","apiVersion":"…",</c>, and where its resourceVersion and uid stand is remembered, so that an item of a list,
/// or the event of a deletion, is made by copying rather than by parsing. There are many of these: whatever one holds counts.</remarks>
internal sealed class StoredObject
{
    private readonly byte[] _json;
    private readonly string _namespace;
    private readonly string _name;
    private readonly int _versionAt;
    private readonly int _uidAt;

    private StoredObject(byte[] json, long revision, ObjectFacts facts)
    {
        _json = json;
        _namespace = SharedTexts.Of(facts.Key.Namespace);
        _name = facts.Key.Name;
        _versionAt = facts.VersionAt;
        _uidAt = facts.UidAt;
        Labels = facts.Labels;
        Revision = revision;
    }

    private static ReadOnlySpan<byte> Separator => "\",\"apiVersion\":\""u8;

    /// <summary>The revision that wrote this: its <c>metadata.resourceVersion</c>.</summary>
    public long Revision { get; }

    public ObjectKey Key => new(_namespace, _name);

    /// <summary>Its labels; null when it has none.</summary>
    public LabelSet? Labels { get; }

    /// <summary>Its uid, read from the JSON; empty when it has none.</summary>
    public string Uid
    {
        get
        {
            if (_uidAt == 0)
            {
                return "";
            }

            var reader = new Utf8JsonReader(_json.AsSpan(_uidAt));
            reader.Read();
            return reader.GetString() ?? "";
        }
    }

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
    public static StoredObject At(long revision, EncodedObject encoded) => Splice(encoded.Json, 0, revision, encoded.Facts);

    /// <summary>Takes an object back from the bytes that <see cref="Json"/> gave.</summary>
    /// <exception cref="FormatException">They are not such bytes.</exception>
    public static StoredObject Read(ReadOnlySpan<byte> json)
    {
        var facts = ObjectFacts.Read(json);
        return Utf8Parser.TryParse(json[facts.VersionAt..], out long revision, out var length) && json[facts.VersionAt + length] == '"'
            ? new StoredObject(json.ToArray(), revision, facts)
            : throw new FormatException("an object without a resourceVersion");
    }

    /// <summary>The same object as the event of another revision shows it, such as that of its deletion.</summary>
    public StoredObject At(long revision) =>
        Splice(_json, _json.AsSpan(_versionAt).IndexOf((byte)'"'), revision, new ObjectFacts(Key, _versionAt, _uidAt, Labels));

    public override string ToString() => $"{Key} at {Revision.ToString(CultureInfo.InvariantCulture)}";

    // The uid stands before the resourceVersion, so that it stays where it is.
    private static StoredObject Splice(ReadOnlySpan<byte> source, int length, long revision, ObjectFacts facts)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(revision, digits, out var count);
        var result = new byte[source.Length - length + count];
        source[..facts.VersionAt].CopyTo(result);
        digits[..count].CopyTo(result.AsSpan(facts.VersionAt));
        source[(facts.VersionAt + length)..].CopyTo(result.AsSpan(facts.VersionAt + count));
        return new StoredObject(result, revision, facts);
    }
}

/// <summary>An object ready to be stored, but for its resourceVersion, whose digits go in where the facts say.</summary>
internal readonly record struct EncodedObject(byte[] Json, ObjectFacts Facts);
