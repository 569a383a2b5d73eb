using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Capstan.Cel.Documents;

/// <summary>
/// Reads JSON (RFC 8259, strictly) into nodes, in one pass and without recursion: the way back to the parent is kept in the nodes that are still open.
/// </summary>
/// <param name="text">The array that the text lies in.</param>
/// <param name="start">Its first byte.</param>
/// <param name="end">The byte after its last.</param>
/// <param name="nodes">Where nodes are written; a larger array takes its place when it is full.</param>
/// <param name="names">Takes the names that have escapes, decoded.</param>
/// <param name="lenient">Bytes that are no UTF-8 and half surrogates are replaced (U+FFFD) when they are read, instead of being refused.</param>
internal ref partial struct TapeWriter(byte[] text, int start, int end, TapeNode[] nodes, DecodedNames names, bool lenient)
{
    private readonly ref byte _text = ref MemoryMarshal.GetArrayDataReference(text);

    /// <summary>The nodes written.</summary>
    public TapeNode[] Nodes { get; private set; } = nodes;

    /// <summary>Writes the nodes of the whole text and says how many.</summary>
    /// <exception cref="CelDocumentException">The text is no JSON.</exception>
    public int Write()
    {
        var tape = Nodes;
        var (count, at, depth) = (0, start, 0);
        var (parent, inObject, items) = (-1, false, 0);

    Value:
        if (count >= tape.Length - 1)
        {
            tape = Grow(count);
        }

        ref var node = ref tape[count];
        at = SkipSpace(at);
        switch ((char)At(at))
        {
            case '"':
                var shortText = ShortLength(at + 1);
                if (shortText < 0)
                {
                    at = ReadString(at + 1, ref node);
                    break;
                }

                node.Offset = at + 1;
                node.Tag = (uint)TapeKind.String;
                node.Length = shortText;
                at += shortText + 2;
                break;
            case '{' or '[':
                var isObject = At(at) == '{';
                if (++depth > CelDocument.MaxDepth)
                {
                    throw Fault($"nested deeper than {CelDocument.MaxDepth}", at);
                }

                if (parent >= 0)
                {
                    ref var outside = ref tape[parent];
                    outside.Length = items;
                    outside.Tag |= TapeNode.Nested;
                }

                node.Tag = (uint)(isObject ? TapeKind.Object : TapeKind.Array);
                node.Offset = at;
                node.Next = parent;
                (parent, inObject, items) = (count++, isObject, 0);
                at = SkipSpace(at + 1);
                if (At(at) == (isObject ? '}' : ']'))
                {
                    goto Close;
                }

                if (isObject)
                {
                    goto Name;
                }

                goto Value;
            case '-' or (>= '0' and <= '9'):
                at = ReadNumber(at, ref node);
                break;
            case 't':
                at = ReadWord(at, "true"u8);
                node.Tag = (uint)TapeKind.True;
                break;
            case 'f':
                at = ReadWord(at, "false"u8);
                node.Tag = (uint)TapeKind.False;
                break;
            case 'n':
                at = ReadWord(at, "null"u8);
                node.Tag = (uint)TapeKind.Null;
                break;
            default:
                throw Unexpected("a value", at);
        }

        count++;
        if (parent < 0)
        {
            goto End;
        }

    After:
        items++;
        at = SkipSpace(at);
        if (At(at) == ',')
        {
            at++;
            if (!inObject)
            {
                goto Value;
            }

            at = SkipSpace(at);
            goto Name;
        }

        if (At(at) != (inObject ? '}' : ']'))
        {
            throw Unexpected(inObject ? "',' or '}'" : "',' or ']'", at);
        }

    Close:
        at++;
        depth--;
        ref var inner = ref tape[parent];
        inner.Length = items;
        inner.Tag |= TapeNode.OfLength(at - inner.Offset);
        parent = inner.Next;
        inner.Next = count;
        if (parent < 0)
        {
            goto End;
        }

        ref var outer = ref tape[parent];
        (items, inObject) = (outer.Length, outer.Kind == TapeKind.Object);
        goto After;

    Name:
        if (At(at) != '"')
        {
            throw Unexpected("a name in quotes", at);
        }

        if (count >= tape.Length - 1)
        {
            tape = Grow(count);
        }

        ref var name = ref tape[count];
        var shortName = ShortLength(at + 1);
        if (shortName < 0)
        {
            at = ReadName(at + 1, ref name);
        }
        else
        {
            name.Offset = at + 1;
            name.Tag = FieldName.TagOf(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref _text, at + 1), shortName));
            name.Length = shortName;
            at += shortName + 2;
        }

        at = SkipSpace(at);
        name.Next = parent;
        count++;
        if (At(at) != ':')
        {
            throw Unexpected("':'", at);
        }

        at++;
        goto Value;

    End:
        at = SkipSpace(at);
        return at >= end ? count : throw Unexpected("the end of the text", at);
    }

    /// <summary>The byte there; 0, which begins nothing, after the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly byte At(int at) => at < end ? Unsafe.Add(ref _text, at) : (byte)0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int SkipSpace(int at) => at < end && Unsafe.Add(ref _text, at) <= ' ' ? SkipSpaces(at) : at;

    private TapeNode[] Grow(int count)
    {
        // What is still to come has about as many nodes a byte as what has been read, at most one for two bytes.
        var larger = GC.AllocateUninitializedArray<TapeNode>((int)Math.Min(Math.Max(16, count * 2L), Array.MaxLength));
        Nodes.AsSpan(0, count).CopyTo(larger);
        return Nodes = larger;
    }

    private readonly int ReadWord(int at, ReadOnlySpan<byte> word) =>
        end - at >= word.Length && MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref _text, at), word.Length).SequenceEqual(word)
            ? at + word.Length
            : throw Unexpected("a value", at);

    private readonly CelDocumentException Unexpected(string wanted, int at) =>
        Fault(at >= end ? $"the text ends where {wanted} should be" : $"expected {wanted}", at);

    private readonly CelDocumentException Fault(string problem, int at) => new(problem, Math.Min(at, end) - start);
}
