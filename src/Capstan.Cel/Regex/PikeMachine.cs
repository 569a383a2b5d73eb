namespace Capstan.Cel.Regex;

/// <summary>
/// Finds the match that starts first and, of those, the preferred one, with its groups: all ways through the automaton side by side,
/// in order of preference, each at most once per character. One search at a time; kept and used again.
/// </summary>
internal sealed class PikeMachine(Program program)
{
    private readonly Stack<(int Instruction, int Slot, int Old)> _pending = new();
    private readonly int[] _slots = new int[program.GroupCount * 2];
    private Threads _now = new(program);
    private Threads _next = new(program);
    private int _slotCount;

    /// <summary>Instructions visited since the machine was made: at most the size of the program for each character.</summary>
    public long Steps { get; private set; }

    /// <summary>
    /// Searches from <paramref name="at"/> of the text; what is before it counts for assertions only.
    /// Fills <paramref name="slots"/> with start and end of as many groups as it has room for, -1 where a group took no part.
    /// Without room, any match will do.
    /// </summary>
    public bool Find<T, TUnits>(ReadOnlySpan<T> text, int at, Span<int> slots)
        where T : unmanaged
        where TUnits : struct, ICodeUnits<T>
    {
        _slotCount = Math.Min(slots.Length, _slots.Length);
        _now.Prepare(_slotCount);
        _next.Prepare(_slotCount);
        var matched = false;
        var before = Places.Of(TUnits.ReadBefore(text, at));
        var rune = TUnits.Read(text, at, out var units);
        while (true)
        {
            var holding = Places.Between(before, Places.Of(rune));
            if (!matched && !(program.Anchored && at > 0))
            {
                _slots.AsSpan(0, _slotCount).Fill(-1);
                Follow(_now, program.Entry, at, holding);
            }

            if (_now.Queue.Count == 0)
            {
                break;
            }

            var after = rune < 0 ? -1 : TUnits.Read(text, at + units, out _);
            var holdingAfter = Places.Between(Places.Of(rune), Places.Of(after));
            foreach (var thread in _now.Queue.Items)
            {
                var instruction = program.Instructions[thread];
                if (instruction.Operation == Operation.Match)
                {
                    matched = true;
                    if (_slotCount == 0)
                    {
                        return true;
                    }

                    _now.SlotsOf(thread).CopyTo(slots);
                    slots[1] = at;
                    break;
                }

                if (instruction.Operation == Operation.Rune && rune >= 0 && program.Sets[instruction.Argument].Contains(rune))
                {
                    _now.SlotsOf(thread).CopyTo(_slots);
                    Follow(_next, instruction.Next, at + units, holdingAfter);
                }
            }

            (_now, _next) = (_next, _now);
            _next.Queue.Clear();
            if (rune < 0)
            {
                break;
            }

            before = Places.Of(rune);
            at += units;
            rune = TUnits.Read(text, at, out units);
        }

        _now.Queue.Clear();
        return matched;
    }

    /// <summary>Adds a thread, with the slots of <c>_slots</c>, for each character or match that can be reached from here, preferred ones first.</summary>
    private void Follow(Threads threads, int entry, int at, Assertions holding)
    {
        if (entry == program.Entry && _slotCount > 0 && _slots[0] < 0)
        {
            _slots[0] = at;
        }

        _pending.Push((entry, -1, 0));
        while (_pending.TryPop(out var item))
        {
            if (item.Slot >= 0)
            {
                _slots[item.Slot] = item.Old;
                continue;
            }

            Steps++;
            if (!threads.Queue.Add(item.Instruction))
            {
                continue;
            }

            var instruction = program.Instructions[item.Instruction];
            switch (instruction.Operation)
            {
                case Operation.Either:
                    _pending.Push((instruction.Argument, -1, 0));
                    _pending.Push((instruction.Next, -1, 0));
                    break;
                case Operation.Note when instruction.Argument < _slotCount:
                    _pending.Push((0, instruction.Argument, _slots[instruction.Argument]));
                    _slots[instruction.Argument] = at;
                    _pending.Push((instruction.Next, -1, 0));
                    break;
                case Operation.Note:
                case Operation.Assert when holding.HasFlag((Assertions)instruction.Argument):
                    _pending.Push((instruction.Next, -1, 0));
                    break;
                case Operation.Rune or Operation.Match:
                    _slots.AsSpan(0, _slotCount).CopyTo(threads.SlotsOf(item.Instruction));
                    break;
            }
        }
    }

    /// <summary>The ways that are still open at one place, and the slots of each.</summary>
    private sealed class Threads(Program program)
    {
        private int[] _slots = [];
        private int _slotCount;

        public StateQueue Queue { get; } = new(program.Instructions.Length);

        public void Prepare(int slotCount)
        {
            Queue.Clear();
            _slotCount = slotCount;
            if (_slots.Length < slotCount * program.Instructions.Length)
            {
                _slots = new int[slotCount * program.Instructions.Length];
            }
        }

        public Span<int> SlotsOf(int instruction) => _slots.AsSpan(instruction * _slotCount, _slotCount);
    }
}
