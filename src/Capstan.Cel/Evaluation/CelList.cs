using Capstan.Cel.Costs;
using Capstan.Cel.Evaluation;
using Capstan.Cel.Library;

namespace Capstan.Cel;

/// <summary>A list. Immutable. Derive from it to read a list of another kind where it is, without copying it.</summary>
public abstract class CelList
{
    /// <summary>Number of elements.</summary>
    public abstract int Count { get; }

    /// <summary>An element. An error value among them is the error of an expression that reads it.</summary>
    /// <param name="index">From 0, below <see cref="Count"/>.</param>
    public abstract CelValue this[int index] { get; }

    /// <summary>How much there is of it, see <see cref="ValueWeight"/>. Cheap to ask: of what lies in a document an estimate.</summary>
    internal virtual ulong Weight => (ulong)Count;

    /// <summary>A list of these, which must not change any more.</summary>
    public static CelList Of(params CelValue[] items) => new ArrayList(items, items.Length);

    internal static CelList Of(CelValue[] items, int count) => new ArrayList(items, count);

    /// <summary>The elements in a new array.</summary>
    public virtual CelValue[] ToArray()
    {
        var items = new CelValue[Count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = this[i];
        }

        return items;
    }

    /// <summary>Whether lists of the same elements in another order are the same list.</summary>
    internal virtual bool IsUnordered => false;

    /// <summary>Whether it is none for <c>optional.ofNonZeroValue</c>. In Kubernetes one with a schema never is.</summary>
    internal virtual bool IsZero => Count == 0;

    /// <summary><c>==</c> with this list on the left.</summary>
    internal virtual bool IsSameAs(CelList other) => CelEquality.SameItems(this, other);

    /// <summary><c>+</c> with this list on the left: the list, or an error.</summary>
    internal virtual CelValue Plus(CelList other) => Arithmetic.Joined(this, other);

    private sealed class ArrayList(CelValue[] items, int count) : CelList
    {
        private ulong? _weight;

        public override int Count => count;

        internal override ulong Weight => _weight ??= ValueWeight.Of(this);

        public override CelValue this[int index] => items[index];

        public override CelValue[] ToArray() => items[..count];
    }
}
