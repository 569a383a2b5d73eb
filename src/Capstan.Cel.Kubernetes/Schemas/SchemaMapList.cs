using Capstan.Cel.Evaluation;
using Capstan.Cel.Library;

namespace Capstan.Cel.Kubernetes.Schemas;

/// <summary>A list of type map: equal to any list with equal items under the same keys, in whatever order; what is added replaces the item of its key.</summary>
internal sealed class SchemaMapList : SchemaList
{
    private readonly IReadOnlyList<string> _keys;
    private Dictionary<ListMapKey, CelValue>? _items;

    public SchemaMapList(SchemaShape element, CelList raw, IReadOnlyList<string> keys)
        : base(element, raw) => _keys = keys;

    internal override bool IsUnordered => true;

    private Dictionary<ListMapKey, CelValue> Items
    {
        get
        {
            if (_items is null)
            {
                var items = new Dictionary<ListMapKey, CelValue>(Raw.Count);
                for (var i = 0; i < Raw.Count; i++)
                {
                    items[KeyOf(Raw[i])] = Raw[i];
                }

                _items = items;
            }

            return _items;
        }
    }

    internal override bool IsSameAs(CelList other)
    {
        var same = other.Count == Count;
        for (var i = 0; same && i < other.Count; i++)
        {
            var item = other[i];
            same = Items.TryGetValue(KeyOf(RawValue.Behind(item)), out var mine) && CelEquality.Equal(Element.Read(mine), item);
        }

        return same;
    }

    internal override CelValue Plus(CelList other)
    {
        if (Arithmetic.TooLong(this, other) is { IsError: true } error)
        {
            return error;
        }

        var items = new List<CelValue>(Count + other.Count);
        var positions = new Dictionary<ListMapKey, int>(Count);
        for (var i = 0; i < Count; i++)
        {
            positions[KeyOf(Raw[i])] = i;
            items.Add(Raw[i]);
        }

        for (var i = 0; i < other.Count; i++)
        {
            var item = RawValue.Behind(other[i]);
            if (positions.TryGetValue(KeyOf(item), out var position))
            {
                items[position] = item;
            }
            else
            {
                items.Add(item);
            }
        }

        return CelValue.Of(new SchemaMapList(Element, CelList.Of([.. items]), _keys));
    }

    // As in Kubernetes keys are looked up by their escaped names: one that needs escaping is found in no item, so it tells none from another.
    private ListMapKey KeyOf(in CelValue item)
    {
        var values = new CelValue[_keys.Count];
        for (var i = 0; i < values.Length; i++)
        {
            if (item.Kind == CelKind.Map)
            {
                Access.TryGet(item, CelValue.Of(FieldNameEscaping.Escape(_keys[i]) ?? _keys[i]), out values[i]);
            }
        }

        return new ListMapKey(values);
    }
}
