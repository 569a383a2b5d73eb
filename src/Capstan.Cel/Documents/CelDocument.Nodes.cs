using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Capstan.Cel.Documents;

namespace Capstan.Cel;

public sealed partial class CelDocument
{
    /// <summary>The node of the whole text.</summary>
    internal const int Root = 0;

    internal TapeKind Kind(int node) => _nodes[node].Kind;

    internal ref readonly TapeNode Node(int node) => ref _nodes[node];

    /// <summary>The node after this one and all that is in it: the next element, or the next name.</summary>
    internal int After(int node)
    {
        ref readonly var at = ref _nodes[node];
        return at.Kind >= TapeKind.Array ? at.Next : node + 1;
    }

    /// <summary>About how many bytes the text of a container has.</summary>
    internal long Length(int container) => _nodes[container].TextLength;

    /// <summary>The value of a double. Beyond the range of doubles it is infinite.</summary>
    internal double Double(int node)
    {
        ref readonly var at = ref _nodes[node];
        return double.Parse(_text.AsSpan(at.Offset, at.Length), NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    /// <summary>The UTF-8 of a string, when it lies in the document as it is; else take <see cref="String"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryUtf8(int node, out ReadOnlySpan<byte> text)
    {
        ref readonly var at = ref _nodes[node];
        text = Bytes(at);
        return at.Kind == TapeKind.Name || (at.Tag & TapeNode.Encoded) == 0;
    }

    /// <summary>Whether the length of a string in bytes is its length in code points too.</summary>
    internal bool IsPlainAscii(int node)
    {
        ref readonly var at = ref _nodes[node];
        return at.Kind == TapeKind.Name ? Ascii.IsValid(Bytes(at)) : (at.Tag & (TapeNode.Encoded | TapeNode.NotAscii)) == 0;
    }

    /// <summary>A string or a name, made anew each time.</summary>
    internal string String(int node)
    {
        ref readonly var at = ref _nodes[node];
        var text = Bytes(at);
        return at.Kind != TapeKind.Name && (at.Tag & TapeNode.Encoded) != 0 ? EscapedText.Decode(text) : Encoding.UTF8.GetString(text);
    }

    // Checked against the array: a value that is used though its document was reset may mean anything, but it reads no foreign memory.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> Bytes(in TapeNode node) => node.Offset >= 0
        ? new(_text, node.Offset, node.Length)
        : new(_names.Bytes, ~node.Offset, node.Length);
}
