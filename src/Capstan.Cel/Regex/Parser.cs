namespace Capstan.Cel.Regex;

/// <summary>
/// Reads RE2's syntax with Go's <c>Perl</c> flags, left to right, with a stack of its own for groups: no pattern exhausts the thread's stack.
/// What it refuses and how it says so is what Go's <c>regexp.Compile</c> does. This part has groups, repetition and limits.
/// </summary>
internal sealed partial class Parser
{
    /// <summary>Instructions: Go allows 128 MiB of 40 bytes each.</summary>
    private const long MaxSize = (128 << 20) / 40;

    /// <summary>Bounds of ranges in all sets: Go allows 128 MiB of 4 bytes each.</summary>
    private const long MaxBounds = (128 << 20) / 4;

    private const int MaxHeight = 1000;
    private const int MaxRepeat = 1000;

    private readonly string _pattern;
    private readonly Stack<Group> _groups = new();
    private readonly List<string?> _names = [null];
    private readonly Dictionary<int, Node> _singles = [];
    private Group _group = new(0, default, 0);
    private PatternFlags _flags;
    private int _at;
    private long _bounds;

    private Parser(string pattern) => _pattern = pattern;

    [Flags]
    private enum PatternFlags
    {
        None = 0,
        FoldCase = 1,
        MultiLine = 2,
        DotMatchesNewline = 4,
        SwapGreed = 8,
    }

    /// <summary>Parses a pattern; <paramref name="groupNames"/> gets the name, or null, of each group, the whole match being group 0.</summary>
    /// <exception cref="Re2SyntaxException">RE2 has no such expression, or it is beyond the limits.</exception>
    public static Node Parse(string pattern, out string?[] groupNames)
    {
        var parser = new Parser(pattern);
        var node = parser.Run();
        groupNames = [.. parser._names];
        return node;
    }

    private Node Run()
    {
        RefuseLoneSurrogates();
        var lastRepeat = -1;
        while (_at < _pattern.Length)
        {
            var start = _at;
            lastRepeat = Next(lastRepeat) ? start : -1;
        }

        if (_groups.Count > 0)
        {
            throw new Re2SyntaxException("missing closing )", _pattern, _group.Position);
        }

        return CloseAlternatives();
    }

    /// <summary>Reads one element. True when it was a repetition, on which no other may follow.</summary>
    private bool Next(int lastRepeat)
    {
        var c = _pattern[_at];
        switch (c)
        {
            case '(' when Peek(1) == '?':
                ReadPerlGroup();
                break;
            case '(':
                OpenGroup(_names.Count, _at++);
                _names.Add(null);
                break;
            case ')':
                CloseGroup();
                break;
            case '|':
                _group.Alternatives.Add(CloseConcatenation());
                _at++;
                break;
            case '^':
                Push(Node.Assert(_flags.HasFlag(PatternFlags.MultiLine) ? Assertions.BeginLine : Assertions.BeginText), 1);
                break;
            case '$':
                Push(Node.Assert(_flags.HasFlag(PatternFlags.MultiLine) ? Assertions.EndLine : Assertions.EndText), 1);
                break;
            case '.':
                Push(Node.Set(_flags.HasFlag(PatternFlags.DotMatchesNewline) ? RuneSet.All : RuneSet.AllButNewline), 1);
                break;
            case '[':
                Push(ReadSet(), 0);
                break;
            case '*' or '+' or '?':
                Repeat(_at, _at + 1, c == '+' ? 1 : 0, c == '?' ? 1 : -1, lastRepeat);
                return true;
            case '{' when ReadCounts(out var end, out var min, out var max):
                if (min > MaxRepeat || max > MaxRepeat || (max >= 0 && min > max))
                {
                    throw Wrong("invalid repeat count", _at, end);
                }

                Repeat(_at, end, min, max, lastRepeat);
                return true;
            case '\\':
                ReadBackslash();
                break;
            default:
                PushLiteral(ReadRune());
                break;
        }

        return false;
    }

    private void Repeat(int start, int end, int min, int max, int lastRepeat)
    {
        var lazy = _flags.HasFlag(PatternFlags.SwapGreed);
        if (end < _pattern.Length && _pattern[end] == '?')
        {
            end++;
            lazy = !lazy;
        }

        if (lastRepeat >= 0)
        {
            throw Wrong("invalid nested repetition operator", lastRepeat, end);
        }

        if (_group.Items.Count == 0)
        {
            throw Wrong("missing argument to repetition operator", start, end);
        }

        var node = Node.Repeat(_group.Items[^1], min, max, lazy);
        CheckLimits(node);
        if ((min >= 2 || max >= 2) && node.RepeatProduct > MaxRepeat)
        {
            throw Wrong("invalid repeat count", start, end);
        }

        _group.Items[^1] = node;
        _at = end;
    }

    /// <summary>Reads <c>{n}</c>, <c>{n,}</c> or <c>{n,m}</c>. False where it is none: the brace is a literal then.</summary>
    private bool ReadCounts(out int end, out int min, out int max)
    {
        end = _at + 1;
        max = -1;
        if (!ReadCount(ref end, out min) || end >= _pattern.Length)
        {
            return false;
        }

        if (_pattern[end] != ',')
        {
            max = min;
        }
        else if (++end < _pattern.Length && _pattern[end] != '}' && !ReadCount(ref end, out max))
        {
            return false;
        }

        return end < _pattern.Length && _pattern[end++] == '}';
    }

    private bool ReadCount(ref int at, out int count)
    {
        var start = at;
        count = 0;
        while (at < _pattern.Length && char.IsAsciiDigit(_pattern[at]))
        {
            count = Math.Min(count * 10 + _pattern[at++] - '0', 100_000);
        }

        return at > start && (at == start + 1 || _pattern[start] != '0');
    }

    /// <summary>Reads what starts with <c>(?</c>: a named group, or flags with or without a group.</summary>
    private void ReadPerlGroup()
    {
        var start = _at;
        var name = Peek(2) == 'P' && Peek(3) == '<' && start + 4 < _pattern.Length ? 4 : Peek(2) == '<' && start + 3 < _pattern.Length ? 3 : 0;
        if (name > 0)
        {
            ReadNamedGroup(start + name);
            return;
        }

        var flags = _flags;
        var negated = false;
        var sawFlag = false;
        for (_at += 2; _at < _pattern.Length;)
        {
            var flag = ReadRune() switch
            {
                'i' => PatternFlags.FoldCase,
                'm' => PatternFlags.MultiLine,
                's' => PatternFlags.DotMatchesNewline,
                'U' => PatternFlags.SwapGreed,
                _ => PatternFlags.None,
            };
            var c = _pattern[_at - 1];
            if (flag != PatternFlags.None)
            {
                flags = negated ? flags & ~flag : flags | flag;
                sawFlag = true;
            }
            else if (c == '-' && !negated)
            {
                negated = true;
                sawFlag = false;
            }
            else if (c is ':' or ')' && (!negated || sawFlag))
            {
                if (c == ':')
                {
                    OpenGroup(0, start);
                }

                _flags = flags;
                return;
            }
            else
            {
                break;
            }
        }

        throw Wrong("invalid or unsupported Perl syntax", start, _at);
    }

    private void ReadNamedGroup(int nameStart)
    {
        var end = _pattern.IndexOf('>', _at);
        if (end < 0)
        {
            throw Wrong("invalid named capture", _at, _pattern.Length);
        }

        var name = _pattern[nameStart..end];
        if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(_nameCharacters))
        {
            throw Wrong("invalid named capture", _at, end + 1);
        }

        OpenGroup(_names.Count, _at);
        _names.Add(name);
        _at = end + 1;
    }

    private void OpenGroup(int number, int position)
    {
        _groups.Push(_group);
        _group = new(number, _flags, position);
    }

    private void CloseGroup()
    {
        if (_groups.Count == 0)
        {
            throw new Re2SyntaxException("unexpected )", _pattern, _at);
        }

        var node = CloseAlternatives();
        var (number, flags) = (_group.Number, _group.OuterFlags);
        _group = _groups.Pop();
        _flags = flags;
        Push(number == 0 ? node : Node.Capture(node, number), 1);
    }

    private Node CloseAlternatives()
    {
        var last = CloseConcatenation();
        if (_group.Alternatives.Count == 0)
        {
            return last;
        }

        _group.Alternatives.Add(last);
        var node = Node.Alternate(_group.Alternatives);
        CheckLimits(node);
        return node;
    }

    private Node CloseConcatenation()
    {
        var node = Node.Concat(_group.Items);
        _group.Items.Clear();
        CheckLimits(node);
        return node;
    }

    private void Push(Node node, int read)
    {
        _bounds += node.Runes.Bounds.Length;
        CheckLimits(node);
        _group.Items.Add(node);
        _at += read;
    }

    private void PushLiteral(int rune)
    {
        var key = _flags.HasFlag(PatternFlags.FoldCase) ? ~rune : rune;
        if (!_singles.TryGetValue(key, out var node))
        {
            node = Node.Set(key < 0 ? Unicode.UnicodeTable.Fold(rune) : RuneSet.Of(rune));
            _singles.Add(key, node);
        }

        _group.Items.Add(node);
    }

    private void CheckLimits(Node node)
    {
        if (node.Size > MaxSize || _bounds > MaxBounds)
        {
            throw new Re2SyntaxException("expression too large", _pattern, 0);
        }

        if (node.Height > MaxHeight)
        {
            throw new Re2SyntaxException("expression nests too deeply", _pattern, 0);
        }
    }

    private Re2SyntaxException Wrong(string reason, int start, int end) => new(reason, _pattern[start..end], start);

    /// <summary>An open group: what was read of it, and what to go back to.</summary>
    private sealed record Group(int Number, PatternFlags OuterFlags, int Position)
    {
        public List<Node> Alternatives { get; } = [];

        public List<Node> Items { get; } = [];
    }
}
