using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Capstan.ApiServer.Storage.Durable;

/// <summary>Records on their way to a file, with room for the header before them. Not thread-safe.</summary>
internal sealed class BatchBuffer
{
    // A buffer that one large batch made is not kept.
    private const int Keep = 4 << 20;

    private ArrayBufferWriter<byte> _bytes = New();

    /// <summary>How many records are in it.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes with the header.</summary>
    public int Length => _bytes.WrittenCount;

    /// <summary>An object that was written.</summary>
    public void Put(GroupResource resource, ReadOnlySpan<byte> json)
    {
        Begin(RecordKind.Put, resource);
        Number(json.Length);
        _bytes.Write(json);
    }

    /// <summary>An object that was removed.</summary>
    public void Remove(GroupResource resource, ObjectKey key, long revision)
    {
        Begin(RecordKind.Remove, resource);
        Number(revision);
        Text(key.Namespace);
        Text(key.Name);
    }

    /// <summary>The end of a snapshot.</summary>
    /// <param name="objects">How many objects it holds.</param>
    public void End(long objects)
    {
        Begin(RecordKind.End, default);
        Number(objects);
    }

    /// <summary>The whole batch, ready to be written; valid until the next call of <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Finish(long first, uint seed)
    {
        var all = _bytes.WrittenMemory;
        var records = all.Span[BatchHeader.Size..];
        if (System.Runtime.InteropServices.MemoryMarshal.TryGetArray(all, out var array))
        {
            new BatchHeader(records.Length, Count, first, Crc32C.Of(records)).Write(array.AsSpan(), seed);
        }

        return all;
    }

    public void Clear()
    {
        Count = 0;
        if (_bytes.Capacity > Keep)
        {
            _bytes = New();
            return;
        }

        _bytes.ResetWrittenCount();
        _bytes.Advance(BatchHeader.Size);
    }

    private static ArrayBufferWriter<byte> New()
    {
        var bytes = new ArrayBufferWriter<byte>(64 << 10);
        bytes.Advance(BatchHeader.Size);
        return bytes;
    }

    private void Begin(RecordKind kind, GroupResource resource)
    {
        Count++;
        _bytes.Write([(byte)kind]);
        Text(resource.Group ?? "");
        Text(resource.Resource ?? "");
    }

    private void Number(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.GetSpan(sizeof(long)), value);
        _bytes.Advance(sizeof(long));
    }

    // Names and groups are far shorter than 64 KB: they have been validated, and stand in a path.
    private void Text(string text)
    {
        var bytes = _bytes.GetSpan(sizeof(ushort) + Encoding.UTF8.GetMaxByteCount(text.Length));
        var length = Encoding.UTF8.GetBytes(text, bytes[sizeof(ushort)..]);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, checked((ushort)length));
        _bytes.Advance(sizeof(ushort) + length);
    }
}

/// <summary>What a record says.</summary>
internal enum RecordKind : byte
{
    /// <summary>An object, whole.</summary>
    Put = 1,

    /// <summary>The key of one that went, and the revision at which it did.</summary>
    Remove = 2,

    /// <summary>Nothing comes after it.</summary>
    End = 3,
}
