using System.Buffers;

namespace Capstan.Client;

/// <summary>Reads the body of an answer into memory, once.</summary>
internal static class AnswerBody
{
    /// <summary>Longest answer that is taken whole. A list has no limit: it is read object by object.</summary>
    public const int Limit = 512 * 1024 * 1024;

    /// <summary>Room that is made because the server says so, before a byte has come.</summary>
    private const int Credit = 4 * 1024 * 1024;

    /// <exception cref="IOException">The connection broke, or the server ended it early.</exception>
    /// <exception cref="InvalidDataException">The body is longer than <paramref name="limit"/>.</exception>
    public static async ValueTask<byte[]> ReadAsync(HttpContent content, int limit, CancellationToken cancellationToken)
    {
        var told = content.Headers.ContentLength;
        if (told > limit)
        {
            throw TooLong(limit);
        }

        using var stream = await content.ReadAsStreamAsync(cancellationToken);
        if (told is { } length and <= Credit)
        {
            var body = new byte[(int)length];
            await stream.ReadExactlyAsync(body, cancellationToken);
            return body;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            var end = 0;
            while (true)
            {
                if (end == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.AsSpan(0, end).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                var read = await stream.ReadAsync(buffer.AsMemory(end), cancellationToken);
                if (read == 0)
                {
                    return buffer.AsSpan(0, end).ToArray();
                }

                end += read;
                if (end > limit)
                {
                    throw TooLong(limit);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static InvalidDataException TooLong(int limit) => new($"the answer is longer than {limit} bytes");
}
