using System.Runtime.CompilerServices;

namespace Capstan.Cel.Costs;

/// <summary>
/// How much there is of a value, for the bound on work that cel-go's costs do not see: an element or an entry is 1, and so are some units of
/// text. An empty text weighs nothing, and so do numbers.
/// </summary>
internal static class ValueWeight
{
    private const int TextUnits = 4;

    public static ulong Of(in CelValue value) => value.Kind switch
    {
        CelKind.String => (ulong)(value.TextUnits / TextUnits),
        CelKind.Bytes => (ulong)(value.Bytes.Length / TextUnits),
        CelKind.List or CelKind.Map => value.Weight,
        CelKind.Optional when value.Optional.HasValue => Of(value.Optional.Value),
        _ => 0,
    };

    public static ulong Of(CelList list)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var weight = (ulong)list.Count;
        for (var i = 0; i < list.Count; i++)
        {
            weight = Add(weight, Of(list[i]));
        }

        return weight;
    }

    public static ulong Of(CelMap map)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var weight = (ulong)map.Count;
        for (var i = 0; i < map.Count; i++)
        {
            var (key, value) = map.Entry(i);
            weight = Add(Add(weight, Of(key)), Of(value));
        }

        return weight;
    }

    // A list that holds another many times over soon weighs more than there are numbers.
    private static ulong Add(ulong a, ulong b) => a + b < a ? ulong.MaxValue : a + b;
}
