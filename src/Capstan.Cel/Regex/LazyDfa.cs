namespace Capstan.Cel.Regex;

/// <summary>
/// Tells whether a text has a match, by an automaton of deterministic states that are made when a text first needs them.
/// A state is the set of instructions that may come next, and the neighbour before it where assertions need that.
/// Searches on many threads read one table without a lock; a step that the table lacks is added under the lock.
/// The table is dropped when it has grown to its bound, and a search that keeps missing gives up: the caller has a slower way.
/// </summary>
internal sealed class LazyDfa(Program program, RuneClasses classes, int maxCells = LazyDfa.DefaultMaxCells)
{
    /// <summary>Bound of the table and its states, in numbers of 4 bytes: 1 MiB.</summary>
    public const int DefaultMaxCells = 1 << 18;

    /// <summary>Steps that one search may make before it must show that most of them are looked up.</summary>
    public const int MissesBeforeDoubt = 512;

    private readonly Lock _gate = new();
    private readonly int _stride = classes.Count + 1;
    private readonly StateQueue _now = new(program.Instructions.Length);
    private readonly StateQueue _next = new(program.Instructions.Length);
    private readonly Stack<int> _pending = new();
    private DfaTable _table = new(classes.Count + 1);

    /// <summary>Steps made, not looked up: the work that is more than one look per character.</summary>
    public long Built { get; private set; }

    /// <summary>How often the table was dropped.</summary>
    public int Flushes { get; private set; }

    /// <summary>Searches from <paramref name="at"/>. Null: gave up, having spent no more than a bounded number of steps per character.</summary>
    public bool? IsMatch<T, TUnits>(ReadOnlySpan<T> text, int at)
        where T : unmanaged
        where TUnits : struct, ICodeUnits<T>
    {
        var table = Volatile.Read(ref _table);
        var before = program.HasAssertions ? Places.Of(TUnits.ReadBefore(text, at)) : at == 0 ? Neighbour.Edge : Neighbour.Other;
        var state = table.StartOf(before);
        if (state == DfaTable.Unknown)
        {
            state = Start(ref table, before);
        }

        var cells = table.Cells;
        var ascii = classes.Ascii;
        var accept = table.Accept;
        var from = at;
        var misses = 0;
        while (state > accept)
        {
            int kind;
            if (at >= text.Length)
            {
                kind = classes.Count;
            }
            else if (TUnits.Value(text[at]) is var unit and < 128)
            {
                kind = ascii[unit];
                at++;
            }
            else
            {
                kind = classes.ClassOf(TUnits.Read(text, at, out var units));
                at += units;
            }

            var next = cells[state + kind];
            if (next == DfaTable.Unknown)
            {
                if (++misses > MissesBeforeDoubt && at - from < misses * 8L)
                {
                    return null;
                }

                next = Step(ref table, state, kind);
                cells = table.Cells;
            }

            state = next;
        }

        return state == DfaTable.TooLarge ? null : state == accept;
    }

    private int Start(ref DfaTable table, Neighbour before)
    {
        lock (_gate)
        {
            _next.Clear();
            var matched = !(program.Anchored && before != Neighbour.Edge) && Follow(_next, program.Entry, Assertions.None);
            var state = matched ? table.Accept : Intern(ref table, before);
            table.SetStart(before, state);
            return state;
        }
    }

    /// <summary>The state after <paramref name="state"/> of <paramref name="table"/>, which becomes the newest table.</summary>
    private int Step(ref DfaTable table, int state, int kind)
    {
        lock (_gate)
        {
            Built++;
            var source = table;
            var (key, before) = source.StateAt(state);
            var rune = kind < classes.Count ? classes.Representatives[kind] : -1;
            var after = Places.Of(rune);
            var next = Advance(key, Places.Between(before, after), rune) ? source.Accept : Intern(ref table, after);
            if (table == source || next <= source.Accept)
            {
                source.Set(state + kind, next);
            }

            return next;
        }
    }

    /// <summary>Fills <c>_next</c> with what follows a character, -1 being the end of the text. True where a match is certain.</summary>
    private bool Advance(int[] key, Assertions holding, int rune)
    {
        _now.Clear();
        _next.Clear();
        foreach (var instruction in key)
        {
            if (Follow(_now, instruction, holding))
            {
                return true;
            }
        }

        if (rune < 0)
        {
            return false;
        }

        foreach (var at in _now.Items)
        {
            var instruction = program.Instructions[at];
            if (instruction.Operation == Operation.Rune && program.Sets[instruction.Argument].Contains(rune)
                && Follow(_next, instruction.Next, Assertions.None))
            {
                return true;
            }
        }

        return !program.Anchored && Follow(_next, program.Entry, Assertions.None);
    }

    /// <summary>Adds all that can be reached without a character where those assertions hold; others stay, waiting. True where the match is.</summary>
    private bool Follow(StateQueue queue, int entry, Assertions holding)
    {
        _pending.Push(entry);
        while (_pending.TryPop(out var at))
        {
            if (!queue.Add(at))
            {
                continue;
            }

            var instruction = program.Instructions[at];
            switch (instruction.Operation)
            {
                case Operation.Match:
                    _pending.Clear();
                    return true;
                case Operation.Either:
                    _pending.Push(instruction.Argument);
                    _pending.Push(instruction.Next);
                    break;
                case Operation.Note:
                case Operation.Assert when holding.HasFlag((Assertions)instruction.Argument):
                    _pending.Push(instruction.Next);
                    break;
            }
        }

        return false;
    }

    /// <summary>The state of <c>_next</c>, in the newest table; drops that table first where it is full.</summary>
    private int Intern(ref DfaTable table, Neighbour before)
    {
        _now.Clear();
        foreach (var at in _next.Items)
        {
            if (program.Instructions[at].Operation is Operation.Rune or Operation.Assert)
            {
                _now.Add(at);
            }
        }

        if (_now.Count == 0)
        {
            return table.Dead;
        }

        if (_now.Count > maxCells / 8)
        {
            return DfaTable.TooLarge;
        }

        if (_table.Size + _now.Count + _stride > maxCells && !_table.IsEmpty)
        {
            Flushes++;
            Volatile.Write(ref _table, new DfaTable(_stride));
        }

        table = _table;
        _now.Sort();
        return table.Intern(_now.Items, program.HasAssertions ? before : Neighbour.Other);
    }
}
