namespace Capstan.Tool.Cel;

/// <summary>Reads a stream that may have no length, or lie about it, and may be larger than anybody wants.</summary>
internal static class InputBytes
{
    private const int Least = 4096;

    /// <summary>All bytes.</summary>
    /// <exception cref="CannotRunException">There are more than <paramref name="most"/>.</exception>
    public static ReadOnlyMemory<byte> Read(Stream stream, string source, int most)
    {
        // One byte more than is there, so that the end is seen without growing.
        var buffer = new byte[stream.CanSeek ? (int)Math.Clamp(stream.Length + 1, Least, most + 1L) : Least];
        var count = 0;
        while (stream.Read(buffer, count, buffer.Length - count) is > 0 and var read)
        {
            count += read;
            if (count > most)
            {
                throw new CannotRunException($"{source}: larger than {most >> 20} MiB");
            }

            if (count == buffer.Length)
            {
                Array.Resize(ref buffer, (int)Math.Min(2L * count, most + 1L));
            }
        }

        return buffer.AsMemory(0, count);
    }
}
