namespace Capstan.Cel.Documents;

/// <summary>The names of a document that are written with escapes, as what they mean, so that a lookup has one way of comparing.</summary>
internal sealed class DecodedNames
{
    private byte[] _bytes = [];
    private int _count;

    public byte[] Bytes => _bytes;

    public void Clear() => _count = 0;

    /// <summary>Adds a name; the complement of its place says that it lies here.</summary>
    public int Add(ReadOnlySpan<byte> raw, out ReadOnlySpan<byte> decoded)
    {
        var room = raw.Length * 3;
        if (_bytes.Length - _count < room)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _count + room));
        }

        var place = _count;
        var length = EscapedText.Decode(raw, _bytes.AsSpan(place));
        decoded = _bytes.AsSpan(place, length);
        _count += length;
        return ~place;
    }
}
