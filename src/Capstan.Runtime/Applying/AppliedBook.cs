using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Capstan.Applying;

/// <summary>What was applied last to which state of which object, in 32 bytes each. Thread-safe.</summary>
/// <remarks>Bounded: when it is full everything is forgotten, which costs one request for each object.</remarks>
internal sealed class AppliedBook
{
    private const int Capacity = 1_000_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, UInt128> _applied = [];

    /// <summary>Whether this body was the last one applied, and the object has not changed since.</summary>
    public bool Has(ResourceType type, in ApplyBody body, LiveVersion live)
    {
        var (key, state) = (KeyOf(type, body.Key), StateOf(body, live));
        lock (_gate)
        {
            return _applied.TryGetValue(key, out var last) && last == state;
        }
    }

    /// <summary>The server took the body; the object is as <paramref name="live"/> says now.</summary>
    public void Note(ResourceType type, in ApplyBody body, LiveVersion live)
    {
        var (key, state) = (KeyOf(type, body.Key), StateOf(body, live));
        lock (_gate)
        {
            if (_applied.Count >= Capacity)
            {
                _applied.Clear();
            }

            _applied[key] = state;
        }
    }

    public void Forget(ResourceType type, ObjectKey objectKey)
    {
        var key = KeyOf(type, objectKey);
        lock (_gate)
        {
            _applied.Remove(key);
        }
    }

    private static UInt128 KeyOf(ResourceType type, ObjectKey key) => Digest([], type.Group, type.Plural, key.Namespace, key.Name);

    private static UInt128 StateOf(in ApplyBody body, LiveVersion live) => Digest(body.Json.Span, live.Uid, live.Version, "", "");

    /// <summary>A hash that nobody can make two of: a skipped apply must never be another's.</summary>
    private static UInt128 Digest(ReadOnlySpan<byte> body, string a, string b, string c, string d)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        var buffer = ArrayPool<byte>.Shared.Rent(digest.Length + 4 + (3 * (a.Length + b.Length + c.Length + d.Length)));
        SHA256.HashData(body, buffer);
        var length = SHA256.HashSizeInBytes;
        Append(a);
        Append(b);
        Append(c);
        Append(d);
        SHA256.HashData(buffer.AsSpan(0, length), digest);
        ArrayPool<byte>.Shared.Return(buffer);
        return MemoryMarshal.Read<UInt128>(digest);

        void Append(string text)
        {
            length += Encoding.UTF8.GetBytes(text, buffer.AsSpan(length));
            buffer[length++] = 0;
        }
    }
}
