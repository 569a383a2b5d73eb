namespace Capstan.Caching;

/// <summary>Many short texts one behind the other in blocks. Not thread-safe.</summary>
internal sealed class NameBlocks
{
    private const int Shift = 16;
    private const int BlockSize = 1 << Shift;

    private List<byte[]> _blocks = [];
    private int _end = BlockSize;
    private long _dropped;

    /// <summary>Whether most of the blocks is taken by what was dropped.</summary>
    public bool IsWasteful => _dropped > BlockSize && _dropped * 2 > (long)_blocks.Count * BlockSize;

    /// <summary>Adds a text of less than a block.</summary>
    /// <returns>Its place.</returns>
    public int Add(ReadOnlySpan<byte> text)
    {
        if (_end + text.Length > BlockSize)
        {
            _blocks.Add(new byte[BlockSize]);
            _end = 0;
        }

        text.CopyTo(_blocks[^1].AsSpan(_end));
        var place = ((_blocks.Count - 1) << Shift) | _end;
        _end += text.Length;
        return place;
    }

    public ReadOnlySpan<byte> Get(int place, int length) => Get(_blocks, place, length);

    public static ReadOnlySpan<byte> Get(List<byte[]> blocks, int place, int length) => blocks[place >> Shift].AsSpan(place & (BlockSize - 1), length);

    /// <summary>A text of this length is not needed any more.</summary>
    public void Drop(int length) => _dropped += length;

    /// <summary>Begins anew.</summary>
    /// <returns>The blocks so far.</returns>
    public List<byte[]> Renew()
    {
        var old = _blocks;
        (_blocks, _end, _dropped) = ([], BlockSize, 0);
        return old;
    }
}
