using System.Buffers;
using System.Net.Sockets;

namespace Capstan.Cluster.Proxy;

/// <summary>Two connections that become one: what comes from either goes to the other, its end too.</summary>
internal static class SocketPair
{
    private const int BufferSize = 32 << 10;

    /// <summary>Returns when both directions have ended; an error in one ends both.</summary>
    /// <exception cref="SocketException">A connection broke.</exception>
    /// <exception cref="OperationCanceledException">Cut.</exception>
    public static async Task PumpAsync(Socket one, Socket other, CancellationToken cut)
    {
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(cut);
        await Task.WhenAll(HalfAsync(one, other, broken), HalfAsync(other, one, broken));
    }

    private static async Task HalfAsync(Socket from, Socket to, CancellationTokenSource broken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (await from.ReceiveAsync(buffer, SocketFlags.None, broken.Token) is > 0 and var read)
            {
                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), SocketFlags.None, broken.Token);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            await broken.CancelAsync();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
