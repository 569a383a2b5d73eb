namespace Capstan.Cel.Regex;

/// <summary>A part of a text that an expression or one of its groups matched.</summary>
/// <param name="Start">Index of the first unit: bytes of UTF-8 text, code units of UTF-16 text. -1 for a group that took no part.</param>
/// <param name="Length">Number of units, 0 for an empty match.</param>
public readonly record struct Re2Range(int Start, int Length)
{
    /// <summary>A group that took no part in the match.</summary>
    public static Re2Range None => new(-1, 0);

    /// <summary>Index of the unit after the last.</summary>
    public int End => Start + Length;

    /// <summary>False for a group that took no part in the match.</summary>
    public bool Success => Start >= 0;
}
