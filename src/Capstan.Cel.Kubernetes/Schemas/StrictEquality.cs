using Capstan.Cel.Evaluation;

namespace Capstan.Cel.Kubernetes.Schemas;

/// <summary>Equality of untyped values, as Kubernetes compares what no schema describes: 1 and 1.0 differ, lists have an order.</summary>
internal sealed class StrictEquality : IEqualityComparer<CelValue>
{
    public static StrictEquality Instance { get; } = new();

    public bool Equals(CelValue x, CelValue y)
    {
        if (x.Kind != y.Kind || x.IsError)
        {
            return false;
        }

        switch (x.Kind)
        {
            case CelKind.List: return SameItems(x.List, y.List);
            case CelKind.Map: return SameFields(x.Map, y.Map);
            default: return CelEquality.Equal(x, y);
        }
    }

    public int GetHashCode(CelValue obj) => obj.Kind switch
    {
        CelKind.List => obj.List.Count,
        CelKind.Map => obj.Map.Count,
        _ => KeyComparer.Instance.GetHashCode(obj),
    };

    private bool SameItems(CelList left, CelList right)
    {
        var same = left.Count == right.Count;
        for (var i = 0; same && i < left.Count; i++)
        {
            same = Equals(left[i], right[i]);
        }

        return same;
    }

    private bool SameFields(CelMap left, CelMap right)
    {
        var same = left.Count == right.Count;
        for (var i = 0; same && i < left.Count; i++)
        {
            var (key, value) = left.Entry(i);
            same = right.TryGet(key, out var other) && Equals(value, other);
        }

        return same;
    }
}
