using Capstan.Cel.Library;

namespace Capstan.Cel.Kubernetes.Schemas;

/// <summary>
/// A list of type set: equal to any list with the same elements in whatever order; what is added is what is not there yet. Elements are known by
/// what they are in JSON, so as in Kubernetes a number written as 1 is not among doubles.
/// </summary>
internal sealed class SchemaSet(SchemaShape element, CelList raw) : SchemaList(element, raw)
{
    private HashSet<CelValue>? _members;

    internal override bool IsUnordered => true;

    private HashSet<CelValue> Members => _members ??= new(Raw.ToArray(), StrictEquality.Instance);

    internal override bool IsSameAs(CelList other)
    {
        var same = other.Count == Count;
        for (var i = 0; same && i < other.Count; i++)
        {
            same = Members.Contains(RawValue.Behind(other[i]));
        }

        return same;
    }

    internal override CelValue Plus(CelList other)
    {
        if (Arithmetic.TooLong(this, other) is { IsError: true } error)
        {
            return error;
        }

        var members = new HashSet<CelValue>(Members, StrictEquality.Instance);
        var items = Raw.ToArray().ToList();
        for (var i = 0; i < other.Count; i++)
        {
            var item = RawValue.Behind(other[i]);
            if (members.Add(item))
            {
                items.Add(item);
            }
        }

        return CelValue.Of(new SchemaSet(Element, CelList.Of([.. items])));
    }
}
