namespace Capstan.Cel.Syntax;

/// <summary>A piece of the text as a message may hold it: one line, not long, no control characters.</summary>
internal static class Excerpt
{
    private const int Longest = 80;

    public static string Of(ReadOnlySpan<char> text)
    {
        var end = text.Length > Longest ? Longest - (char.IsHighSurrogate(text[Longest - 1]) ? 1 : 0) : text.Length;
        var shown = text[..end].ToString().Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace("\t", "\\t", StringComparison.Ordinal);
        return string.Concat(string.Concat(shown.Select(c => char.IsControl(c) ? '\uFFFD' : c)), end < text.Length ? "…" : "");
    }
}
