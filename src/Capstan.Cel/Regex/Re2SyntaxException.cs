namespace Capstan.Cel.Regex;

/// <summary>A pattern is not a regular expression of RE2. The message is the one that Go's <c>regexp</c> gives.</summary>
public sealed class Re2SyntaxException : FormatException
{
    /// <summary>Creates the error <paramref name="reason"/>, seen at <paramref name="position"/> of the pattern.</summary>
    /// <param name="reason">What is wrong, in RE2's words: <c>missing closing ]</c>.</param>
    /// <param name="fragment">The part of the pattern that is wrong.</param>
    /// <param name="position">Where the fragment starts: index of a UTF-16 code unit of the pattern.</param>
    public Re2SyntaxException(string reason, string fragment, int position)
        : base($"error parsing regexp: {reason}: `{fragment}`")
    {
        Reason = reason;
        Fragment = fragment;
        Position = position;
    }

    /// <summary>What is wrong, without the fragment: <c>invalid escape sequence</c>.</summary>
    public string Reason { get; }

    /// <summary>The part of the pattern that is wrong; the whole pattern where no part of it is to blame.</summary>
    public string Fragment { get; }

    /// <summary>Where <see cref="Fragment"/> starts: index of a UTF-16 code unit of the pattern, from 0.</summary>
    public int Position { get; }
}
