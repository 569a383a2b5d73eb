using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Capstan.Cluster.Workloads;

/// <summary>A short hash that may be part of a name, and never spells a word: FNV-1a of 32 bits in Kubernetes' alphabet.</summary>
internal static class SafeHash
{
    // No vowels, and nothing that is easily taken for them.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <param name="text">What is hashed.</param>
    /// <param name="collisions">How many other texts had the hash that this one would have.</param>
    public static string Of(ReadOnlySpan<byte> text, int? collisions)
    {
        var hash = Add(2166136261, text);
        if (collisions is { } count)
        {
            Span<byte> more = stackalloc byte[8];
            BinaryPrimitives.WriteUInt32LittleEndian(more, (uint)count);
            hash = Add(hash, more);
        }

        return Encode(hash.ToString(CultureInfo.InvariantCulture));
    }

    public static string Of(string text, int? collisions) => Of(Encoding.UTF8.GetBytes(text), collisions);

    public static string Encode(string text) => string.Concat(text.Select(static character => Alphabet[character % Alphabet.Length]));

    private static uint Add(uint hash, ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes)
        {
            hash = (hash ^ one) * 16777619;
        }

        return hash;
    }
}
