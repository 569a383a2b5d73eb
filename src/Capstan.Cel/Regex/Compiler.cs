namespace Capstan.Cel.Regex;

/// <summary>Makes the automaton of a parsed expression from its end to its begin: each part is told where to go on, so that nothing needs patching.</summary>
internal sealed class Compiler
{
    private readonly List<Instruction> _instructions = [new(Operation.Match, 0, 0)];
    private readonly Dictionary<RuneSet, int> _sets = [];
    private bool _hasAssertions;

    public static Program Compile(Node node, int groupCount)
    {
        var compiler = new Compiler();
        var entry = compiler.Emit(node, next: 0);
        return new([.. compiler._instructions], [.. compiler._sets.Keys], entry, groupCount, compiler._hasAssertions, IsAnchored(node));
    }

    private static bool IsAnchored(Node node) => node.Kind switch
    {
        NodeKind.Assert => node.Assertion == Assertions.BeginText,
        NodeKind.Capture or NodeKind.Plus or NodeKind.Concat => IsAnchored(node.Subs[0]),
        NodeKind.Alternate => Array.TrueForAll(node.Subs, IsAnchored),
        _ => false,
    };

    private int Emit(Node node, int next)
    {
        switch (node.Kind)
        {
            case NodeKind.Set:
                return Add(Operation.Rune, next, NumberOf(node.Runes));
            case NodeKind.Assert:
                _hasAssertions = true;
                return Add(Operation.Assert, next, (int)node.Assertion);
            case NodeKind.Capture:
                return Add(Operation.Note, Emit(node.Subs[0], Add(Operation.Note, next, node.Group * 2 + 1)), node.Group * 2);
            case NodeKind.Star:
                return EmitStar(node, next);
            case NodeKind.Plus:
                return EmitPlus(node, next);
            case NodeKind.Quest:
                return EmitQuest(node, next, next);
            case NodeKind.Repeat:
                return EmitRepeat(node, next);
            case NodeKind.Concat:
                for (var i = node.Subs.Length - 1; i >= 0; i--)
                {
                    next = Emit(node.Subs[i], next);
                }

                return next;
            case NodeKind.Alternate:
                var entry = Emit(node.Subs[^1], next);
                for (var i = node.Subs.Length - 2; i >= 0; i--)
                {
                    entry = Add(Operation.Either, Emit(node.Subs[i], next), entry);
                }

                return entry;
            default:
                return next;
        }
    }

    /// <summary>x* is a loop; where x can be empty it is (x+)?, or an empty turn would come before leaving in preference.</summary>
    private int EmitStar(Node node, int next)
    {
        var body = EmitPlus(node, next, out var loop);
        return node.Subs[0].Nullable ? AddEither(body, next, node.Lazy) : loop;
    }

    private int EmitPlus(Node node, int next) => EmitPlus(node, next, out _);

    private int EmitPlus(Node node, int next, out int loop)
    {
        loop = Add(Operation.Either, next, next);
        var body = Emit(node.Subs[0], loop);
        _instructions[loop] = node.Lazy ? new(Operation.Either, next, body) : new(Operation.Either, body, next);
        return body;
    }

    /// <summary>x? where x goes on at <paramref name="next"/> and its absence at <paramref name="without"/>.</summary>
    private int EmitQuest(Node node, int next, int without) => AddEither(Emit(node.Subs[0], next), without, node.Lazy);

    /// <summary>x{2,4} is xx(x(x)?)? and x{2,} is xx+.</summary>
    private int EmitRepeat(Node node, int next)
    {
        var entry = next;
        var required = node.Min;
        if (node.Max < 0)
        {
            entry = EmitPlus(node, next);
            required--;
        }

        for (var i = node.Min; i < node.Max; i++)
        {
            entry = EmitQuest(node, entry, next);
        }

        for (var i = 0; i < required; i++)
        {
            entry = Emit(node.Subs[0], entry);
        }

        return entry;
    }

    private int NumberOf(RuneSet set)
    {
        if (!_sets.TryGetValue(set, out var number))
        {
            number = _sets.Count;
            _sets.Add(set, number);
        }

        return number;
    }

    private int AddEither(int taken, int without, bool lazy) =>
        lazy ? Add(Operation.Either, without, taken) : Add(Operation.Either, taken, without);

    private int Add(Operation operation, int next, int argument)
    {
        _instructions.Add(new(operation, next, argument));
        return _instructions.Count - 1;
    }
}
