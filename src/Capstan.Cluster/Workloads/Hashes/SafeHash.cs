using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Capstan.Cluster.Workloads.Hashes;

/// <summary>A short hash that may be part of a name, and never spells a word: FNV of 32 bits in Kubernetes' alphabet. Pure.</summary>
internal static class SafeHash
{
    // No vowels, and nothing that is easily taken for them.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    private const uint Basis = 2166136261;
    private const uint Prime = 16777619;

    /// <summary>Of a template, by FNV-1a.</summary>
    /// <param name="text">What is hashed.</param>
    /// <param name="collisions">How many other templates had the hash that this one would have.</param>
    public static string OfTemplate(string text, int? collisions)
    {
        var hash = Add(Basis, Encoding.UTF8.GetBytes(text));
        if (collisions is { } count)
        {
            Span<byte> more = stackalloc byte[8];
            BinaryPrimitives.WriteUInt32LittleEndian(more, (uint)count);
            hash = Add(hash, more);
        }

        return Encode(hash.ToString(CultureInfo.InvariantCulture));

        static uint Add(uint hash, ReadOnlySpan<byte> bytes)
        {
            foreach (var one in bytes)
            {
                hash = (hash ^ one) * Prime;
            }

            return hash;
        }
    }

    /// <summary>Of a revision's data, by FNV-1.</summary>
    /// <param name="text">The data as JSON.</param>
    /// <param name="collisions">How many other revisions had the hash that this one would have.</param>
    public static string OfRevision(string text, int collisions)
    {
        var hash = Basis;
        foreach (var one in Encoding.UTF8.GetBytes(text + collisions.ToString(CultureInfo.InvariantCulture)))
        {
            hash = (hash * Prime) ^ one;
        }

        return Encode(hash.ToString(CultureInfo.InvariantCulture));
    }

    public static string Encode(string text) => string.Concat(text.Select(static character => Alphabet[character % Alphabet.Length]));
}
