namespace Capstan.Cel.Regex;

internal enum NodeKind
{
    Empty,
    Set,
    Assert,
    Capture,
    Star,
    Plus,
    Quest,
    Repeat,
    Concat,
    Alternate,
}

/// <summary>A parsed expression. Immutable; knows what the limits are about, so that no walk has to find it out.</summary>
internal sealed class Node
{
    private static readonly Node[] _none = [];

    private Node(NodeKind kind, Node[] subs)
    {
        Kind = kind;
        Subs = subs;
        Height = 1;
        RepeatProduct = 1;
        foreach (var sub in subs)
        {
            Height = Math.Max(Height, sub.Height + 1);
            RepeatProduct = Math.Max(RepeatProduct, sub.RepeatProduct);
        }

        Nullable = kind switch
        {
            NodeKind.Set => false,
            NodeKind.Alternate => Array.Exists(subs, s => s.Nullable),
            NodeKind.Star or NodeKind.Quest => true,
            _ => Array.TrueForAll(subs, s => s.Nullable),
        };
    }

    public static Node Empty { get; } = new(NodeKind.Empty, _none) { Size = 1 };

    public NodeKind Kind { get; }

    public Node[] Subs { get; }

    /// <summary>Of a set: the code points that match.</summary>
    public RuneSet Runes { get; private init; } = RuneSet.Empty;

    /// <summary>Of an assertion: the one that must hold.</summary>
    public Assertions Assertion { get; private init; }

    /// <summary>Of a capture: its number from 1.</summary>
    public int Group { get; private init; }

    /// <summary>Of a repeat.</summary>
    public int Min { get; private init; }

    /// <summary>Of a repeat; -1 is without end.</summary>
    public int Max { get; private init; }

    /// <summary>Of a repetition: prefers fewer.</summary>
    public bool Lazy { get; private init; }

    /// <summary>Whether it can match without a character; an assertion can.</summary>
    public bool Nullable { get; private init; }

    /// <summary>Nodes from here to the deepest leaf.</summary>
    public int Height { get; }

    /// <summary>The largest product of counts on a way to a leaf.</summary>
    public int RepeatProduct { get; private init; }

    /// <summary>Instructions that it takes, about, saturated far above any limit.</summary>
    public long Size { get; private init; }

    public static Node Set(RuneSet runes) => new(NodeKind.Set, _none) { Runes = runes, Size = 1 };

    public static Node Assert(Assertions assertion) => new(NodeKind.Assert, _none) { Assertion = assertion, Size = 1 };

    public static Node Capture(Node sub, int group) => new(NodeKind.Capture, [sub]) { Group = group, Size = sub.Size + 2 };

    public static Node Concat(List<Node> subs)
    {
        if (subs.Count < 2)
        {
            return subs.Count == 0 ? Empty : subs[0];
        }

        Node[] flat = [.. subs.SelectMany(s => s.Kind == NodeKind.Concat ? s.Subs : [s])];
        return new(NodeKind.Concat, flat) { Size = flat.Sum(s => s.Size) };
    }

    public static Node Alternate(List<Node> subs)
    {
        var flat = new List<Node>(subs.Count);
        foreach (var sub in subs.SelectMany(s => s.Kind == NodeKind.Alternate ? s.Subs : [s]))
        {
            flat.Add(sub);
        }

        MergeSets(flat);
        return flat.Count == 1 ? flat[0] : new(NodeKind.Alternate, [.. flat]) { Size = flat.Sum(s => s.Size) + flat.Count - 1 };
    }

    /// <summary>A repetition; the ones that stars and question marks can say become these.</summary>
    public static Node Repeat(Node sub, int min, int max, bool lazy)
    {
        var kind = (min, max) switch
        {
            (0, -1) => NodeKind.Star,
            (1, -1) => NodeKind.Plus,
            (0, 1) => NodeKind.Quest,
            _ => NodeKind.Repeat,
        };
        if (sub.Kind == NodeKind.Empty || (kind != NodeKind.Repeat && sub.Kind == kind && sub.Lazy == lazy) || (min, max) == (1, 1))
        {
            return sub;
        }

        var count = max < 0 ? min : max;
        return new(kind, [sub])
        {
            Min = min,
            Max = max,
            Lazy = lazy,
            Nullable = min == 0 || sub.Nullable,
            RepeatProduct = max == 0 ? 1 : (int)Math.Min(1_000_000, (long)sub.RepeatProduct * Math.Max(1, count)),
            Size = max == 0 ? 1 : Math.Max(1, count) * sub.Size + (max < 0 ? 2 : max - min),
        };
    }

    /// <summary>Neighbours that are sets become one set: <c>a|b|[cd]</c> is <c>[abcd]</c>.</summary>
    private static void MergeSets(List<Node> alternatives)
    {
        var kept = 0;
        for (var i = 0; i < alternatives.Count;)
        {
            var node = alternatives[i++];
            if (node.Kind == NodeKind.Set && i < alternatives.Count && alternatives[i].Kind == NodeKind.Set)
            {
                var pairs = new List<(int, int)>();
                for (i--; i < alternatives.Count && alternatives[i].Kind == NodeKind.Set; i++)
                {
                    alternatives[i].Runes.AddTo(pairs);
                }

                node = Set(RuneSet.Of(pairs));
            }

            alternatives[kept++] = node;
        }

        alternatives.RemoveRange(kept, alternatives.Count - kept);
    }
}
