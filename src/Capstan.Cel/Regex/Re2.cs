namespace Capstan.Cel.Regex;

/// <summary>
/// A regular expression with the syntax and the meaning of RE2, as Go's <c>regexp</c> has them: matching takes time in proportion to the text,
/// whatever the pattern. A search is not anchored; of the matches that start first the one that a backtracking search would find first wins.
/// Texts are UTF-8 or UTF-16 and are read in place. A character is a code point; what is no valid UTF reads as U+FFFD, unit by unit.
/// Immutable in use and safe for threads; states that a search makes are kept for the next, up to a bound.
/// </summary>
public sealed class Re2
{
    /// <summary>Instructions above which the working memory of a search is not kept.</summary>
    private const int LargestKept = 20_000;

    /// <summary>Instructions in some tenths of a second.</summary>
    private const long MaxSteps = 10_000_000;

    // Made when a text needs it: many patterns are a literal, and many programs are compiled to be checked only.
    private readonly Lazy<Program> _program;
    private readonly Literal _literal;
    private readonly Lazy<LazyDfa?> _dfa;
    private readonly string?[] _groupNames;
    private PikeMachine? _idle;

    private Re2(string pattern, Node node, string?[] groupNames)
    {
        Pattern = pattern;
        _program = new(() => Compiler.Compile(node, groupNames.Length));
        _literal = Literal.Of(node);
        _groupNames = groupNames;
        _dfa = new(() => RuneClasses.Of(_program.Value) is { } classes ? new(_program.Value, classes) : null);
    }

    /// <summary>The pattern as it was given.</summary>
    public string Pattern { get; }

    /// <summary>Number of instructions of the compiled expression; the time for one character is in proportion to it at worst.</summary>
    public int ProgramSize => _program.Value.Instructions.Length;

    /// <summary>Name of each group by its number, null for one without; number 0 is the whole match.</summary>
    public IReadOnlyList<string?> GroupNames => _groupNames;

    /// <summary>For tests: the automaton's steps that were made rather than looked up.</summary>
    internal long StepsBuilt => _dfa.Value?.Built ?? 0;

    /// <summary>Compiles a pattern.</summary>
    /// <param name="pattern">The expression in RE2's syntax.</param>
    /// <returns>The expression, safe for use by many threads.</returns>
    /// <exception cref="Re2SyntaxException">RE2 has no such expression, or it is too large.</exception>
    public static Re2 Compile(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        var node = Parser.Parse(pattern, out var groupNames);
        return new(pattern, node, groupNames);
    }

    /// <summary>Why <see cref="Compile"/> would not take the pattern; null if it would.</summary>
    internal static string? Problem(string pattern)
    {
        try
        {
            Parser.Parse(pattern, out _);
            return null;
        }
        catch (Re2SyntaxException e)
        {
            return e.Message;
        }
    }

    /// <summary>Whether the text has a match. Allocates nothing once the states it needs are there.</summary>
    /// <param name="utf8">The text in UTF-8.</param>
    /// <returns>True for a match anywhere in the text.</returns>
    public bool IsMatch(ReadOnlySpan<byte> utf8) => IsMatch<byte, Utf8Units>(utf8, _literal.Utf8, 0);

    /// <summary>Whether the text has a match. Allocates nothing once the states it needs are there.</summary>
    /// <param name="text">The text in UTF-16.</param>
    /// <returns>True for a match anywhere in the text.</returns>
    public bool IsMatch(ReadOnlySpan<char> text) => IsMatch<char, Utf16Units>(text, _literal.Utf16, 0);

    /// <summary>The first match.</summary>
    /// <param name="utf8">The text in UTF-8.</param>
    /// <returns>Where the match is, in bytes; null for none.</returns>
    public Re2Range? Find(ReadOnlySpan<byte> utf8) => First<byte, Utf8Units>(utf8, _literal.Utf8);

    /// <summary>The first match.</summary>
    /// <param name="text">The text in UTF-16.</param>
    /// <returns>Where the match is, in code units; null for none.</returns>
    public Re2Range? Find(ReadOnlySpan<char> text) => First<char, Utf16Units>(text, _literal.Utf16);

    /// <summary>The first match with its groups.</summary>
    /// <param name="utf8">The text in UTF-8.</param>
    /// <returns>The whole match and each group by its number, in bytes; null for no match.</returns>
    public Re2Range[]? FindGroups(ReadOnlySpan<byte> utf8) => FindAll<byte, Utf8Units>(utf8, _literal.Utf8, 1, _groupNames.Length).FirstOrDefault();

    /// <summary>The first match with its groups.</summary>
    /// <param name="text">The text in UTF-16.</param>
    /// <returns>The whole match and each group by its number, in code units; null for no match.</returns>
    public Re2Range[]? FindGroups(ReadOnlySpan<char> text) => FindAll<char, Utf16Units>(text, _literal.Utf16, 1, _groupNames.Length).FirstOrDefault();

    /// <summary>All matches that do not overlap, first to last. An empty match that touches the one before is left out.</summary>
    /// <param name="utf8">The text in UTF-8.</param>
    /// <param name="limit">The most matches to return; a negative number means all.</param>
    /// <returns>Where the matches are, in bytes.</returns>
    public IReadOnlyList<Re2Range> FindAll(ReadOnlySpan<byte> utf8, int limit = -1) =>
        FindAll<byte, Utf8Units>(utf8, _literal.Utf8, limit, 1).ConvertAll(m => m[0]);

    /// <summary>All matches that do not overlap, first to last. An empty match that touches the one before is left out.</summary>
    /// <param name="text">The text in UTF-16.</param>
    /// <param name="limit">The most matches to return; a negative number means all.</param>
    /// <returns>Where the matches are, in code units.</returns>
    public IReadOnlyList<Re2Range> FindAll(ReadOnlySpan<char> text, int limit = -1) =>
        FindAll<char, Utf16Units>(text, _literal.Utf16, limit, 1).ConvertAll(m => m[0]);

    /// <summary>As <see cref="FindAll(ReadOnlySpan{char}, int)"/>, with the groups of each match.</summary>
    /// <param name="text">The text in UTF-16.</param>
    /// <param name="limit">The most matches to return; a negative number means all.</param>
    /// <returns>For each match the whole of it and each group by its number, in code units.</returns>
    public IReadOnlyList<Re2Range[]> FindAllGroups(ReadOnlySpan<char> text, int limit = -1) =>
        FindAll<char, Utf16Units>(text, _literal.Utf16, limit, _groupNames.Length);

    /// <summary>
    /// Shows each match that does not overlap, first to last, with as many groups as are asked for, at most <paramref name="limit"/> unless that
    /// is negative. Each search is linear, but all together may not be: <c>a.*b|a</c> looks at the rest of the text for each match. False: given up,
    /// after some more work than one search of a text of that length can be.
    /// </summary>
    internal bool TryVisit(ReadOnlySpan<char> text, int limit, int groups, Re2Visitor visit) =>
        Visit<char, Utf16Units>(text, _literal.Utf16, limit, groups, MaxSteps + (text.Length + 1L) * ProgramSize, visit);

    /// <summary>The pattern.</summary>
    /// <returns>The pattern as it was given.</returns>
    public override string ToString() => Pattern;

    private bool IsMatch<T, TUnits>(ReadOnlySpan<T> text, ReadOnlySpan<T> literal, int from)
        where T : unmanaged, IEquatable<T>
        where TUnits : struct, ICodeUnits<T>
    {
        if (literal.Length > 0 || _literal.Complete)
        {
            var at = _literal.Find(text, literal, from);
            if (at < 0 || _literal.Complete)
            {
                return at >= 0;
            }

            from = at;
        }

        var steps = 0L;
        return _dfa.Value?.IsMatch<T, TUnits>(text, from) ?? Search<T, TUnits>(text, from, [], ref steps);
    }

    private Re2Range? First<T, TUnits>(ReadOnlySpan<T> text, ReadOnlySpan<T> literal)
        where T : unmanaged, IEquatable<T>
        where TUnits : struct, ICodeUnits<T>
    {
        Span<int> slots = stackalloc int[2];
        var steps = 0L;
        return Find<T, TUnits>(text, literal, 0, slots, ref steps) ? new(slots[0], slots[1] - slots[0]) : null;
    }

    private bool Find<T, TUnits>(ReadOnlySpan<T> text, ReadOnlySpan<T> literal, int from, Span<int> slots, ref long steps)
        where T : unmanaged, IEquatable<T>
        where TUnits : struct, ICodeUnits<T>
    {
        if (literal.Length > 0 || _literal.Complete)
        {
            from = _literal.Find(text, literal, from);
            if (from < 0)
            {
                return false;
            }

            if (_literal.Complete)
            {
                (slots[0], slots[1]) = (from, from + literal.Length);
                return true;
            }
        }

        // The automaton says no much sooner than the machine that knows where.
        return _dfa.Value?.IsMatch<T, TUnits>(text, from) != false && Search<T, TUnits>(text, from, slots, ref steps);
    }

    private List<Re2Range[]> FindAll<T, TUnits>(ReadOnlySpan<T> text, ReadOnlySpan<T> literal, int limit, int groups)
        where T : unmanaged, IEquatable<T>
        where TUnits : struct, ICodeUnits<T>
    {
        var found = new List<Re2Range[]>();
        Visit<T, TUnits>(text, literal, limit, groups, long.MaxValue, match =>
        {
            found.Add(match.ToArray());
            return true;
        });
        return found;
    }

    private bool Visit<T, TUnits>(ReadOnlySpan<T> text, ReadOnlySpan<T> literal, int limit, int groups, long maxSteps, Re2Visitor visit)
        where T : unmanaged, IEquatable<T>
        where TUnits : struct, ICodeUnits<T>
    {
        var ranges = new Re2Range[groups];
        var slots = new int[groups * 2];
        var (endBefore, count, steps) = (-1, 0, 0L);
        for (var at = 0; at <= text.Length && count != limit && Find<T, TUnits>(text, literal, at, slots, ref steps);)
        {
            if (steps > maxSteps)
            {
                return false;
            }

            var (start, end) = (slots[0], slots[1]);
            if (end > start || start != endBefore)
            {
                for (var i = 0; i < groups; i++)
                {
                    ranges[i] = slots[i * 2] < 0 || slots[i * 2 + 1] < 0 ? Re2Range.None : new(slots[i * 2], slots[i * 2 + 1] - slots[i * 2]);
                }

                count++;
                if (!visit(ranges))
                {
                    break;
                }
            }

            if (end > at)
            {
                at = end;
            }
            else
            {
                TUnits.Read(text, at, out var units);
                at += units;
            }

            endBefore = end;
        }

        return true;
    }

    private bool Search<T, TUnits>(ReadOnlySpan<T> text, int from, Span<int> slots, ref long steps)
        where T : unmanaged
        where TUnits : struct, ICodeUnits<T>
    {
        var machine = Interlocked.Exchange(ref _idle, null) ?? new PikeMachine(_program.Value);
        var before = machine.Steps;
        try
        {
            return machine.Find<T, TUnits>(text, from, slots);
        }
        finally
        {
            steps += machine.Steps - before;
            if (_program.Value.Instructions.Length <= LargestKept)
            {
                Volatile.Write(ref _idle, machine);
            }
        }
    }
}

/// <summary>Is shown the ranges of a match and its groups, which hold until it returns; false ends the search.</summary>
internal delegate bool Re2Visitor(ReadOnlySpan<Re2Range> match);
