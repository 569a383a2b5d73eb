using Capstan.Caching;

namespace KubeTemplater.Templating;

/// <summary>Text that is put together to be hashed, in a buffer that is used again. Not thread-safe.</summary>
/// <remarks>Names and values are JSON texts, which end where they end: no two lists of fields give the same text.</remarks>
internal sealed class HashedText
{
    // A large object's buffer is not kept for the small ones.
    private const int Kept = 64 * 1024;

    private byte[] _text = new byte[1024];
    private int _length;

    public void Begin() => _length = 0;

    public void AddName(ReadOnlySpan<byte> raw)
    {
        Add("\""u8);
        Add(raw);
        Add("\""u8);
    }

    public void Open() => Add("{"u8);

    public void Close() => Add("}"u8);

    public void Add(ReadOnlySpan<byte> raw)
    {
        if (raw.Length > _text.Length - _length)
        {
            Array.Resize(ref _text, Math.Max(2 * _text.Length, _length + raw.Length));
        }

        raw.CopyTo(_text.AsSpan(_length));
        _length += raw.Length;
    }

    public Fingerprint End()
    {
        var result = Fingerprint.Of(_text.AsSpan(0, _length));
        if (_text.Length > Kept)
        {
            _text = new byte[1024];
        }

        return result;
    }
}
