using System.Runtime.InteropServices;
using System.Text;
using Capstan.Cel.Costs;

namespace Capstan.Cel;

public readonly partial struct CelValue
{
    /// <summary>Elements of a list, entries of a map; of a JSON object its properties, equal names too.</summary>
    internal int Count => _kind == CelKind.List
        ? (_reference is CelList list ? list.Count : Json.GetArrayLength())
        : (_reference is CelMap map ? map.Count : Json.GetPropertyCount());

    /// <summary>The length of a string as it lies in memory: never less than its code points, and 0 only if it is empty.</summary>
    internal int TextUnits => _reference is string text ? text.Length : JsonMarshal.GetRawUtf8Value(Json).Length - 2;

    /// <summary>The length of a string in UTF-8.</summary>
    internal int Utf8Length => TryUtf8(out var utf8) ? utf8.Length : Encoding.UTF8.GetByteCount(String);

    /// <summary>How much there is of a list or map, see <see cref="ValueWeight"/>; of JSON its length tells.</summary>
    internal ulong Weight => _reference switch
    {
        CelList list => list.Weight,
        CelMap map => map.Weight,
        _ => (ulong)JsonMarshal.GetRawUtf8Value(Json).Length / 4,
    };
}
