using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Capstan.ApiServer.Storage.Durable;

/// <summary>Reads a log or a snapshot batch by batch, as far as it is sound. Not thread-safe.</summary>
internal sealed class BatchFile : IDisposable
{
    private const int Window = 1 << 20;

    private readonly SafeFileHandle _handle;
    private byte[] _records = [];

    /// <exception cref="DataDirectoryException">Its header is no header of such a file.</exception>
    public BatchFile(string name, FileKind kind)
    {
        Name = name;
        _handle = File.OpenHandle(name);
        Length = RandomAccess.GetLength(_handle);
        Span<byte> header = stackalloc byte[FileHeader.Size];
        Header = FileHeader.Read(header[..Fill(header, 0)], kind, name);
        Offset = FileHeader.Size;
    }

    public string Name { get; }

    public FileHeader Header { get; }

    public long Length { get; }

    /// <summary>Where the next batch begins, or the end, or the damage.</summary>
    public long Offset { get; private set; }

    /// <summary>The next batch; false where no sound one follows: at the end of the file, or at the damage.</summary>
    /// <param name="batch">Its header.</param>
    /// <param name="records">Its records, until the next call.</param>
    public bool TryRead(out BatchHeader batch, out ReadOnlyMemory<byte> records)
    {
        records = default;
        Span<byte> header = stackalloc byte[BatchHeader.Size];
        if (!BatchHeader.TryRead(header[..Fill(header, Offset)], Header.Seed, out batch) || batch.Length > Length - Offset - BatchHeader.Size)
        {
            return false;
        }

        if (_records.Length < batch.Length)
        {
            _records = new byte[batch.Length];
        }

        var read = _records.AsMemory(0, batch.Length);
        if (Fill(read.Span, Offset + BatchHeader.Size) < batch.Length || Crc32C.Of(read.Span) != batch.Checksum)
        {
            return false;
        }

        records = read;
        Offset += BatchHeader.Size + batch.Length;
        return true;
    }

    /// <summary>Where, behind the damage, a batch begins that was written later than revision <paramref name="after"/>; -1: nowhere. A batch is only written
    /// once the one before it is on the disk: so what is damaged before another one had been acknowledged.</summary>
    public long FindBatchBehind(long after)
    {
        var window = ArrayPool<byte>.Shared.Rent(Window);
        try
        {
            for (var start = Offset + 1; start < Length;)
            {
                var bytes = window.AsSpan(0, Fill(window, start));
                for (var at = bytes.IndexOf(BatchHeader.Magic); at >= 0;)
                {
                    if (BatchHeader.TryRead(bytes[at..], Header.Seed, out var batch) && batch.First > after)
                    {
                        return start + at;
                    }

                    var next = bytes[(at + 1)..].IndexOf(BatchHeader.Magic);
                    at = next < 0 ? -1 : at + 1 + next;
                }

                // A header may lie across the border of two windows.
                start += Math.Max(bytes.Length - BatchHeader.Size, 1);
            }

            return -1;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(window);
        }
    }

    public void Dispose() => _handle.Dispose();

    private int Fill(Span<byte> bytes, long at)
    {
        var filled = 0;
        while (filled < bytes.Length && RandomAccess.Read(_handle, bytes[filled..], at + filled) is > 0 and var read)
        {
            filled += read;
        }

        return filled;
    }
}
