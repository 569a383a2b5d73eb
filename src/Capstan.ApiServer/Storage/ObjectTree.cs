using System.Diagnostics;

namespace Capstan.ApiServer.Storage;

/// <summary>The objects of one resource, ordered by key: a balanced tree that never changes. Adding or removing gives another tree that shares
/// all but one path, so a reader keeps a consistent snapshot for as long as it likes and never waits for a writer.</summary>
internal sealed class ObjectTree
{
    /// <summary>No objects.</summary>
    public static readonly ObjectTree Empty = new(null);

    private readonly Node? _root;

    private ObjectTree(Node? root) => _root = root;

    /// <summary>A tree of objects that come in order.</summary>
    public static ObjectTree Of(IReadOnlyList<StoredObject> sorted)
    {
        return new(Build(0, sorted.Count));

        Node? Build(int start, int end)
        {
            var middle = (start + end) / 2;
            return start == end ? null : new Node(Build(start, middle), sorted[middle], Build(middle + 1, end));
        }
    }

    public int Count => Node.CountOf(_root);

    public StoredObject? Find(ObjectKey key)
    {
        for (var node = _root; node is not null;)
        {
            var order = key.CompareTo(node.Value.Key);
            if (order == 0)
            {
                return node.Value;
            }

            node = order < 0 ? node.Left : node.Right;
        }

        return null;
    }

    /// <summary>The tree with <paramref name="value"/> in the place of its key.</summary>
    public ObjectTree With(StoredObject value) => new(Set(_root, value));

    /// <summary>The tree without <paramref name="key"/>.</summary>
    public ObjectTree Without(ObjectKey key) => new(Remove(_root, key));

    /// <summary>How many objects come before <paramref name="key"/>.</summary>
    public int CountBefore(ObjectKey key)
    {
        var before = 0;
        for (var node = _root; node is not null;)
        {
            if (key.CompareTo(node.Value.Key) <= 0)
            {
                node = node.Left;
            }
            else
            {
                before += Node.CountOf(node.Left) + 1;
                node = node.Right;
            }
        }

        return before;
    }

    /// <summary>All objects from <paramref name="first"/> on, in order.</summary>
    public IEnumerable<StoredObject> From(ObjectKey first)
    {
        var path = new Stack<Node>();
        for (var node = _root; node is not null;)
        {
            if (first.CompareTo(node.Value.Key) <= 0)
            {
                path.Push(node);
                node = node.Left;
            }
            else
            {
                node = node.Right;
            }
        }

        while (path.TryPop(out var next))
        {
            yield return next.Value;
            for (var node = next.Right; node is not null; node = node.Left)
            {
                path.Push(node);
            }
        }
    }

    private static Node Set(Node? node, StoredObject value)
    {
        if (node is null)
        {
            return new Node(null, value, null);
        }

        var order = value.Key.CompareTo(node.Value.Key);
        return order switch
        {
            0 => new Node(node.Left, value, node.Right),
            < 0 => Balanced(Set(node.Left, value), node.Value, node.Right),
            _ => Balanced(node.Left, node.Value, Set(node.Right, value)),
        };
    }

    private static Node? Remove(Node? node, ObjectKey key)
    {
        if (node is null)
        {
            return null;
        }

        var order = key.CompareTo(node.Value.Key);
        if (order < 0)
        {
            return Balanced(Remove(node.Left, key), node.Value, node.Right);
        }

        if (order > 0)
        {
            return Balanced(node.Left, node.Value, Remove(node.Right, key));
        }

        if (node.Left is null || node.Right is null)
        {
            return node.Left ?? node.Right;
        }

        var successor = node.Right;
        while (successor.Left is not null)
        {
            successor = successor.Left;
        }

        return Balanced(node.Left, successor.Value, Remove(node.Right, successor.Value.Key));
    }

    private static Node Balanced(Node? left, StoredObject value, Node? right)
    {
        var lean = Node.HeightOf(left) - Node.HeightOf(right);
        Debug.Assert(lean is >= -2 and <= 2, "one change leans a tree by at most two");
        if (lean > 1)
        {
            return Node.HeightOf(left!.Left) >= Node.HeightOf(left.Right)
                ? new Node(left.Left, left.Value, new Node(left.Right, value, right))
                : new Node(new Node(left.Left, left.Value, left.Right!.Left), left.Right.Value, new Node(left.Right.Right, value, right));
        }

        if (lean < -1)
        {
            return Node.HeightOf(right!.Right) >= Node.HeightOf(right.Left)
                ? new Node(new Node(left, value, right.Left), right.Value, right.Right)
                : new Node(new Node(left, value, right.Left!.Left), right.Left.Value, new Node(right.Left.Right, right.Value, right.Right));
        }

        return new Node(left, value, right);
    }

    private sealed class Node(Node? left, StoredObject value, Node? right)
    {
        public readonly Node? Left = left;
        public readonly Node? Right = right;
        public readonly StoredObject Value = value;
        private readonly int _count = CountOf(left) + CountOf(right) + 1;
        private readonly int _height = Math.Max(HeightOf(left), HeightOf(right)) + 1;

        public static int CountOf(Node? node) => node?._count ?? 0;

        public static int HeightOf(Node? node) => node?._height ?? 0;
    }
}
