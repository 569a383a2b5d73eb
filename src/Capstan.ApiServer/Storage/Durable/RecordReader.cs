using System.Buffers.Binary;
using System.Text;

namespace Capstan.ApiServer.Storage.Durable;

/// <summary>Reads the records of one batch, whose checksum is right: what does not fit is a fault of the program that wrote it, and is told as damage.</summary>
internal ref struct RecordReader(ReadOnlySpan<byte> records)
{
    private ReadOnlySpan<byte> _rest = records;

    public RecordKind Kind { get; private set; }

    public GroupResource Resource { get; private set; }

    /// <summary>Of <see cref="RecordKind.Put"/>.</summary>
    public ReadOnlySpan<byte> Json { get; private set; }

    /// <summary>Of <see cref="RecordKind.Remove"/>.</summary>
    public ObjectKey Key { get; private set; }

    /// <summary>Of <see cref="RecordKind.Remove"/> the revision, of <see cref="RecordKind.End"/> the number of objects.</summary>
    public long Number { get; private set; }

    /// <exception cref="FormatException">The records do not make sense.</exception>
    public bool Read()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        Kind = (RecordKind)Take(1)[0];
        var (group, resource) = (Text(), Text());
        if (Resource.Group != group || Resource.Resource != resource)
        {
            Resource = new GroupResource(string.Intern(group), string.Intern(resource));
        }

        Number = BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));
        switch (Kind)
        {
            case RecordKind.Put:
                Json = Take(Number);
                return true;
            case RecordKind.Remove:
                Key = new ObjectKey(Text(), Text());
                return true;
            case RecordKind.End:
                return true;
            default:
                throw new FormatException($"a record of kind {(byte)Kind}");
        }
    }

    private string Text() => Encoding.UTF8.GetString(Take(BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)))));

    private ReadOnlySpan<byte> Take(long length)
    {
        if (length < 0 || length > _rest.Length)
        {
            throw new FormatException("a record that is longer than its batch");
        }

        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }
}
