namespace Capstan.Cluster.Node.Serving.Logs;

/// <summary>Finds where the last lines of a file begin, from its end, however long it is.</summary>
internal static class LogTail
{
    private const int Block = 64 << 10;

    /// <summary>The position of the first of the last <paramref name="lines"/> lines.</summary>
    public static async Task<long> FindAsync(Stream file, long lines, CancellationToken cancellation)
    {
        var length = file.Length;
        if (lines == 0)
        {
            return length;
        }

        var buffer = new byte[Block];
        var ends = 0L;
        for (var end = length; end > 0;)
        {
            var start = Math.Max(0, end - Block);
            file.Position = start;
            var size = (int)(end - start);
            await file.ReadExactlyAsync(buffer.AsMemory(0, size), cancellation);
            for (var i = size - 1; i >= 0; i--)
            {
                // The end of the last line is no beginning of another.
                if (buffer[i] == (byte)'\n' && start + i + 1 < length && ++ends == lines)
                {
                    return start + i + 1;
                }
            }

            end = start;
        }

        return 0;
    }
}
