using System.Text;

namespace Capstan.Cel.Regex;

/// <summary>
/// The text that each match of an expression must start with, and whether that is all of it: such matches need no automaton.
/// </summary>
/// <param name="Utf16">The text; empty where there is none.</param>
/// <param name="AtBegin">A match starts at the begin of the text.</param>
/// <param name="AtEnd">Of a complete one: a match ends at the end of the text.</param>
/// <param name="Complete">The expression says nothing else.</param>
internal sealed record Literal(string Utf16, bool AtBegin, bool AtEnd, bool Complete)
{
    public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(Utf16);

    public static Literal Of(Node node)
    {
        var parts = node.Kind == NodeKind.Concat ? node.Subs : [node];
        var at = 0;
        var atBegin = IsAssert(Assertions.BeginText);
        at += atBegin ? 1 : 0;
        var text = new StringBuilder();

        // U+FFFD stands for broken text too, and surrogates for nothing: neither can be compared unit by unit.
        for (; at < parts.Length && parts[at].Kind == NodeKind.Set && parts[at].Runes.Single is var rune && Rune.IsValid(rune) && rune != 0xFFFD; at++)
        {
            text.Append(new Rune(rune));
        }

        var atEnd = IsAssert(Assertions.EndText);
        at += atEnd ? 1 : 0;
        var complete = at == parts.Length;
        return new(text.ToString(), atBegin, atEnd && complete, complete);

        bool IsAssert(Assertions assertion) => at < parts.Length && parts[at].Kind == NodeKind.Assert && parts[at].Assertion == assertion;
    }

    /// <summary>The first place at or after <paramref name="from"/> where the literal is, as its own assertions allow; -1 for none.</summary>
    public int Find<T>(ReadOnlySpan<T> text, ReadOnlySpan<T> literal, int from)
        where T : unmanaged, IEquatable<T>
    {
        if (AtBegin)
        {
            return from == 0 && text.StartsWith(literal) && (!AtEnd || text.Length == literal.Length) ? 0 : -1;
        }

        if (AtEnd)
        {
            return text.Length - from >= literal.Length && text.EndsWith(literal) ? text.Length - literal.Length : -1;
        }

        var at = text[from..].IndexOf(literal);
        return at < 0 ? -1 : at + from;
    }
}
