namespace Capstan.Cel.Regex;

internal enum Operation : byte
{
    /// <summary>Goes on at <see cref="Instruction.Next"/> if the character is in the set of number <see cref="Instruction.Argument"/>.</summary>
    Rune,

    /// <summary>Goes on at <see cref="Instruction.Next"/>, and at <see cref="Instruction.Argument"/> where that leads nowhere.</summary>
    Either,

    /// <summary>Goes on if the <see cref="Regex.Assertions"/> of the argument hold here.</summary>
    Assert,

    /// <summary>Notes this place in the slot of number <see cref="Instruction.Argument"/>.</summary>
    Note,

    Match,
}

internal readonly record struct Instruction(Operation Operation, int Next, int Argument);

/// <summary>A compiled expression: a nondeterministic automaton over code points. Immutable.</summary>
/// <param name="Instructions">The automaton; the first match in order of preference wins.</param>
/// <param name="Sets">The sets that its <see cref="Operation.Rune"/> instructions name, each once.</param>
/// <param name="Entry">Where it starts.</param>
/// <param name="GroupCount">Groups, the whole match included.</param>
/// <param name="HasAssertions">Whether the characters beside a place matter.</param>
/// <param name="Anchored">Whether a match can start at the begin of the text only.</param>
internal sealed record Program(Instruction[] Instructions, RuneSet[] Sets, int Entry, int GroupCount, bool HasAssertions, bool Anchored);
