using System.Runtime.InteropServices;
using Capstan.Cel.Documents;

namespace Capstan.Cel;

/// <summary>
/// A JSON text, read once and evaluated where it lies: numbers are found, strings stay UTF-8, nothing becomes an object of its own.
/// Safe for threads as long as nobody calls <see cref="Reset"/>, which makes all values taken from the document meaningless.
/// </summary>
/// <remarks>
/// The text is RFC 8259, strictly: no comments, no trailing commas, valid UTF-8, surrogates in pairs, nested at most <see cref="MaxDepth"/> deep.
/// The last of equal names in an object wins. Numbers without <c>.</c> and <c>e</c> that fit 64 bits are int, all others double.
/// </remarks>
public sealed partial class CelDocument
{
    /// <summary>The deepest nesting of arrays and objects that is read: 512.</summary>
    public const int MaxDepth = 512;

    private readonly DecodedNames _names = new();
    private byte[] _text = [];
    private TapeNode[] _nodes = [];

    /// <summary>A document that holds <c>null</c> until <see cref="Reset"/> gives it a text; meant to be used again for text after text.</summary>
    public CelDocument() => Clear();

    /// <summary>Reads a text. The bytes are kept and must not change.</summary>
    /// <exception cref="CelDocumentException">It is no JSON.</exception>
    public static CelDocument Parse(ReadOnlyMemory<byte> utf8)
    {
        var document = new CelDocument();
        document.Reset(utf8);
        return document;
    }

    /// <summary>Reads another text into the same document, which allocates nothing once it has held one as large. The bytes are kept and must not change.</summary>
    /// <exception cref="CelDocumentException">It is no JSON; the document then holds <c>null</c>.</exception>
    public void Reset(ReadOnlyMemory<byte> utf8) => Read(utf8, lenient: false);

    /// <summary>Reads what another reader let pass: bytes that are no UTF-8 and half surrogates become U+FFFD.</summary>
    internal static CelDocument ParseLeniently(ReadOnlyMemory<byte> utf8)
    {
        var document = new CelDocument();
        document.Read(utf8, lenient: true);
        return document;
    }

    private void Read(ReadOnlyMemory<byte> utf8, bool lenient)
    {
        if (!MemoryMarshal.TryGetArray(utf8, out var text))
        {
            text = utf8.ToArray();
        }

        _names.Clear();
        ForgetShortcuts();
        if (_nodes.Length < text.Count / 16)
        {
            _nodes = GC.AllocateUninitializedArray<TapeNode>((text.Count / 10) + 8);
        }

        _text = text.Array!;
        var writer = new TapeWriter(_text, text.Offset, text.Offset + text.Count, _nodes, _names, lenient);
        var done = false;
        try
        {
            writer.Write();
            done = true;
        }
        finally
        {
            _nodes = writer.Nodes;
            if (!done)
            {
                Clear();
            }
        }
    }

    private void Clear()
    {
        if (_nodes.Length == 0)
        {
            _nodes = new TapeNode[1];
        }

        _text = [];
        _nodes[0] = default;
    }
}
