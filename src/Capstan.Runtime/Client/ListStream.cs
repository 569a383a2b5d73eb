using System.Buffers;
using System.Text.Json;

namespace Capstan.Client;

/// <summary>The items of one page as they come over the wire. Holds no more of it than the longest item. Not thread-safe.</summary>
internal sealed class ListStream(Stream body, ListReader reader) : IDisposable
{
    private const int FirstSize = 64 * 1024;

    /// <summary>Longest item: an object of etcd's largest size is 1.5 MiB, as JSON with escapes some times that.</summary>
    private const int LargestSize = 64 * 1024 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstSize);
    private int _end;

    // An item that is not whole is read from its start again: not before twice as much of it is there, or long ones would cost the square of their length.
    private int _enough = 1;

    /// <summary>Bytes of the page so far.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Reads on until an item or more are whole.</summary>
    /// <param name="cancellationToken">Ends the read, and with it the list.</param>
    /// <returns>False at the end of the page.</returns>
    /// <exception cref="JsonException">Not a list, or not all of one.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        var before = reader.Items;
        while (reader.Items == before && !reader.IsAtEnd)
        {
            if (_end == _buffer.Length)
            {
                MakeRoom();
            }

            var read = await body.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            _end += read;
            BytesRead += read;
            if (read > 0 && _end < _enough)
            {
                continue;
            }

            var taken = reader.Read(_buffer.AsSpan(0, _end), isLast: read == 0);
            _buffer.AsSpan(taken, _end - taken).CopyTo(_buffer);
            _end -= taken;
            _enough = Math.Min(_end * 2, _buffer.Length) + 1;
        }

        return reader.Items > before;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void MakeRoom()
    {
        if (_buffer.Length >= LargestSize)
        {
            throw new InvalidDataException($"an object is longer than {LargestSize} bytes");
        }

        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, _end).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
