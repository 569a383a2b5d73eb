using System.Collections.Immutable;

namespace Capstan.Patching;

/// <summary>A set of field paths as a tree, sorted on every level. Immutable: operations return new sets that share unchanged parts.</summary>
internal sealed class FieldSet
{
    public static readonly FieldSet Empty = new([]);

    private readonly Node[] _nodes;

    private FieldSet(Node[] sortedNodes) => _nodes = sortedNodes;

    /// <summary>One step: whether the path that ends here is a member, and the paths that go on.</summary>
    internal readonly record struct Node(PathElement Element, bool IsMember, FieldSet Below)
    {
        public bool IsNeeded => IsMember || !Below.IsEmpty;
    }

    public ReadOnlySpan<Node> Nodes => _nodes;

    /// <summary>Whether it has no member. Nodes without members are never kept, so this looks at one level only.</summary>
    public bool IsEmpty => _nodes.Length == 0;

    /// <summary>Takes the nodes in any order; what repeats is united, what holds no member is dropped.</summary>
    public static FieldSet Of(List<Node> nodes)
    {
        nodes.RemoveAll(static n => !n.IsNeeded);
        if (nodes.Count == 0) return Empty;
        for (var i = 1; i < nodes.Count; i++)
        {
            if (nodes[i - 1].Element.CompareTo(nodes[i].Element) < 0) continue;
            nodes.Sort(static (a, b) => a.Element.CompareTo(b.Element));
            Unite(nodes);
            break;
        }

        return new([.. nodes]);
    }

    /// <summary>The set with one member.</summary>
    public static FieldSet OfPath(ReadOnlySpan<PathElement> path) =>
        path.IsEmpty ? Empty : new([new(path[0], path.Length == 1, OfPath(path[1..]))]);

    /// <summary>The node of a step; one without member and paths below when there is none.</summary>
    public Node Find(PathElement element)
    {
        int low = 0, high = _nodes.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = _nodes[middle].Element.CompareTo(element);
            if (order == 0) return _nodes[middle];
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return new(element, false, Empty);
    }

    public bool Has(ReadOnlySpan<PathElement> path)
    {
        if (path.IsEmpty) return false;
        var node = Find(path[0]);
        return path.Length == 1 ? node.IsMember : node.Below.Has(path[1..]);
    }

    public FieldSet Union(FieldSet other) =>
        IsEmpty ? other : other.IsEmpty ? this : Combine(other, static (a, b) => new(a.Element, a.IsMember || b.IsMember, a.Below.Union(b.Below)));

    public FieldSet Intersection(FieldSet other) =>
        IsEmpty || other.IsEmpty
            ? Empty
            : Combine(other, static (a, b) => new(a.Element, a.IsMember && b.IsMember, a.Below.Intersection(b.Below)));

    /// <summary>Without the members of the other set; what lies below them stays.</summary>
    public FieldSet Difference(FieldSet other) =>
        IsEmpty || other.IsEmpty ? this : Combine(other, static (a, b) => new(a.Element, a.IsMember && !b.IsMember, a.Below.Difference(b.Below)));

    /// <summary>Without the members of the other set and all that lies below them.</summary>
    public FieldSet RecursiveDifference(FieldSet other) =>
        IsEmpty || other.IsEmpty
            ? this
            : Combine(other, static (a, b) => b.IsMember ? new(a.Element, false, Empty) : new(a.Element, a.IsMember, a.Below.RecursiveDifference(b.Below)));

    /// <summary>Every member's path, a level's own members first, as Kubernetes lists conflicts.</summary>
    public IEnumerable<ImmutableArray<PathElement>> Paths() => Paths([]);

    /// <summary>Makes the named fields on the way to a member members themselves: a struct cannot be removed as long as a part of it is owned.</summary>
    public FieldSet WithNamedFields(MergeType type)
    {
        var nodes = new Node[_nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
        {
            var (element, isMember, below) = _nodes[i];
            var isNamed = element.FieldName is { } name && type.Map?.IsNamed(name) == true;
            nodes[i] = new(element, isMember || (isNamed && !below.IsEmpty), below.IsEmpty ? below : below.WithNamedFields(type.At(element)));
        }

        return new(nodes);
    }

    // Both are sorted: one pass, as in a merge sort. Where one side has nothing, an empty node stands in for it.
    private FieldSet Combine(FieldSet other, Func<Node, Node, Node> combine)
    {
        var result = new List<Node>(Math.Max(_nodes.Length, other._nodes.Length));
        int i = 0, j = 0;
        while (i < _nodes.Length || j < other._nodes.Length)
        {
            var order = i == _nodes.Length ? 1 : j == other._nodes.Length ? -1 : _nodes[i].Element.CompareTo(other._nodes[j].Element);
            var a = order <= 0 ? _nodes[i++] : new Node(other._nodes[j].Element, false, Empty);
            var b = order >= 0 ? other._nodes[j++] : new Node(a.Element, false, Empty);
            var node = combine(a, b);
            if (node.IsNeeded) result.Add(node);
        }

        return result.Count == 0 ? Empty : new([.. result]);
    }

    private IEnumerable<ImmutableArray<PathElement>> Paths(ImmutableArray<PathElement> prefix)
    {
        foreach (var node in _nodes)
            if (node.IsMember) yield return prefix.Add(node.Element);
        foreach (var node in _nodes)
            foreach (var path in node.Below.Paths(prefix.Add(node.Element))) yield return path;
    }

    private static void Unite(List<Node> sorted)
    {
        var last = 0;
        for (var i = 1; i < sorted.Count; i++)
        {
            if (sorted[i].Element.Equals(sorted[last].Element))
                sorted[last] = new(sorted[last].Element, sorted[last].IsMember || sorted[i].IsMember, sorted[last].Below.Union(sorted[i].Below));
            else sorted[++last] = sorted[i];
        }

        sorted.RemoveRange(last + 1, sorted.Count - last - 1);
    }
}
