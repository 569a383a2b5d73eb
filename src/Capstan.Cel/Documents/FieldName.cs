using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Capstan.Cel.Documents;

/// <summary>
/// A name to look for in objects, prepared once. Remembers how far from the object it was last, since documents of a kind are alike. Safe for threads.
/// </summary>
internal sealed class FieldName(string text)
{
    private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(text);

    public string Text { get; } = text;

    /// <summary>The name as the key of a map.</summary>
    public CelValue Key { get; } = CelValue.Of(text);

    public ReadOnlySpan<byte> Utf8 => _utf8;

    /// <summary>Nodes from an object to this name in it, where it was found last. A guess: to be checked.</summary>
    public int LastDistance { get; set; }

    /// <summary>What the tag of a name equal to this one is.</summary>
    public uint Tag { get; } = TagOf(Encoding.UTF8.GetBytes(text));

    /// <summary>Kind and hash of a name: of its length, its first and its last four bytes, so it does not read long names.</summary>
    public static uint TagOf(ReadOnlySpan<byte> name)
    {
        ref var first = ref MemoryMarshal.GetReference(name);
        uint head, tail = 0;
        if (name.Length >= 4)
        {
            head = Unsafe.ReadUnaligned<uint>(ref first);
            tail = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, name.Length - 4));
        }
        else
        {
            head = name.Length == 0 ? 0 : (uint)(name[0] | (name[name.Length >> 1] << 8) | (name[^1] << 16));
        }

        var hash = (head * 0x9E3779B1) ^ (tail * 0x85EBCA77) ^ ((uint)name.Length * 0xC2B2AE3D);
        return ((hash ^ (hash >> 15)) << 8) | (uint)TapeKind.Name;
    }

    /// <summary>Whether two texts of one length are equal; inline, for names are short.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Same(ReadOnlySpan<byte> leftText, ReadOnlySpan<byte> rightText)
    {
        var length = leftText.Length;
        ref var left = ref MemoryMarshal.GetReference(leftText);
        ref var right = ref MemoryMarshal.GetReference(rightText);
        if (length >= 8)
        {
            return length > 16
                ? MemoryMarshal.CreateReadOnlySpan(ref left, length).SequenceEqual(MemoryMarshal.CreateReadOnlySpan(ref right, length))
                : Load<ulong>(ref left, 0) == Load<ulong>(ref right, 0) && Load<ulong>(ref left, length - 8) == Load<ulong>(ref right, length - 8);
        }

        if (length >= 4)
        {
            return Load<uint>(ref left, 0) == Load<uint>(ref right, 0) && Load<uint>(ref left, length - 4) == Load<uint>(ref right, length - 4);
        }

        for (var i = 0; i < length; i++)
        {
            if (Unsafe.Add(ref left, i) != Unsafe.Add(ref right, i))
            {
                return false;
            }
        }

        return true;
    }

    private static T Load<T>(ref byte text, int at) => Unsafe.ReadUnaligned<T>(ref Unsafe.Add(ref text, at));
}
