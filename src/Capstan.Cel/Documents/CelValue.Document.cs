using System.Diagnostics.CodeAnalysis;
using Capstan.Cel.Documents;

namespace Capstan.Cel;

public readonly partial struct CelValue
{
    /// <summary>The document that a string, list or map lies in; only of a value for which <see cref="IsJson"/> says so.</summary>
    internal CelDocument Document => (CelDocument)_reference!;

    /// <summary>The place in the document.</summary>
    internal int Node => (int)_bits;

    /// <summary>Does the string, list or map lie in a document, unread?</summary>
    internal bool IsJson => _reference is CelDocument;

    /// <summary>Where a string, list or map lies, if it does in a document.</summary>
    internal bool TryDocument([NotNullWhen(true)] out CelDocument? document, out int node)
    {
        document = _reference as CelDocument;
        node = (int)_bits;
        return document is not null;
    }

    /// <summary>The whole of a document: integers written without <c>.</c> and <c>e</c> are int, other numbers double; nothing is copied.</summary>
    /// <param name="document">Not to be given another text as long as the value is used.</param>
    public static CelValue Of(CelDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return Of(document, CelDocument.Root);
    }

    internal static CelValue Of(CelDocument document, int node)
    {
        ref readonly var at = ref document.Node(node);
        switch (at.Kind)
        {
            case TapeKind.String:
            case TapeKind.Name:
                return new(CelKind.String, document, node);
            case TapeKind.Object: return new(CelKind.Map, document, node);
            case TapeKind.Array: return new(CelKind.List, document, node);
            case TapeKind.Int: return Of(at.Number);
            case TapeKind.True: return True;
            case TapeKind.False: return False;
            case TapeKind.Double: return Of(document.Double(node));
            default: return Null;
        }
    }

    /// <summary>The UTF-8 of a string in a document without escapes; false: take <see cref="String"/>.</summary>
    internal bool TryUtf8(out ReadOnlySpan<byte> text)
    {
        if (_reference is CelDocument document)
        {
            return document.TryUtf8((int)_bits, out text);
        }

        text = default;
        return false;
    }
}
