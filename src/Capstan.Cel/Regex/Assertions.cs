namespace Capstan.Cel.Regex;

/// <summary>What can be true of a place between two characters.</summary>
[Flags]
internal enum Assertions
{
    None = 0,
    BeginLine = 1,
    EndLine = 2,
    BeginText = 4,
    EndText = 8,
    WordBoundary = 16,
    NoWordBoundary = 32,
}

/// <summary>What an assertion can see of the character beside a place.</summary>
internal enum Neighbour
{
    Other,
    Word,
    Newline,

    /// <summary>No character: begin or end of the text.</summary>
    Edge,
}

internal static class Places
{
    /// <summary>The neighbour that a code point is; -1 stands for the edge.</summary>
    public static Neighbour Of(int rune) => rune switch
    {
        < 0 => Neighbour.Edge,
        '\n' => Neighbour.Newline,
        _ => rune < 128 && NamedSets.Word.Contains(rune) ? Neighbour.Word : Neighbour.Other,
    };

    /// <summary>All assertions that hold between two neighbours.</summary>
    public static Assertions Between(Neighbour before, Neighbour after)
    {
        var result = (before == Neighbour.Word) == (after == Neighbour.Word) ? Assertions.NoWordBoundary : Assertions.WordBoundary;
        result |= before switch
        {
            Neighbour.Edge => Assertions.BeginText | Assertions.BeginLine,
            Neighbour.Newline => Assertions.BeginLine,
            _ => Assertions.None,
        };
        return result | after switch
        {
            Neighbour.Edge => Assertions.EndText | Assertions.EndLine,
            Neighbour.Newline => Assertions.EndLine,
            _ => Assertions.None,
        };
    }
}
