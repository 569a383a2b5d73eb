using System.Text;
using Capstan.Cel.Costs;
using Capstan.Cel.Values;

namespace Capstan.Cel;

public readonly partial struct CelValue
{
    /// <summary>Elements of a list, entries of a map.</summary>
    internal int Count => _reference switch
    {
        CelDocument document when _kind == CelKind.List || !document.HasDuplicates((int)_bits) => document.Count((int)_bits),
        CelList list => list.Count,
        _ => Map.Count,
    };

    /// <summary>The length of a string as it lies in memory: never less than its code points, and 0 only if it is empty.</summary>
    internal int TextUnits => _reference is string text ? text.Length : Document.Node((int)_bits).Length;

    /// <summary>The code points of a string.</summary>
    internal long TextSize => _reference is CelDocument document && document.TryUtf8((int)_bits, out var utf8)
        ? (document.IsPlainAscii((int)_bits) ? utf8.Length : CelUtf8.Size(utf8))
        : CelText.Size(String);

    /// <summary>The length of a string in UTF-8.</summary>
    internal int Utf8Length => TryUtf8(out var utf8) ? utf8.Length : Encoding.UTF8.GetByteCount(String);

    /// <summary>How much there is of a list or map, see <see cref="ValueWeight"/>; of JSON its length tells.</summary>
    internal ulong Weight => _reference switch
    {
        CelList list => list.Weight,
        CelMap map => map.Weight,
        _ => (ulong)Document.Length((int)_bits) / 4,
    };
}
