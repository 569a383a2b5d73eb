namespace KubeTemplater.Policies;

/// <summary>A text in which <c>*</c> stands for any characters.</summary>
/// <param name="Text">As written.</param>
internal readonly record struct Pattern(string Text)
{
    /// <summary>Whether it is one text, and not many.</summary>
    public bool IsExact => !Text.Contains('*', StringComparison.Ordinal);

    /// <summary>Whether the pattern fits a text; in time bounded by the product of their lengths.</summary>
    public bool Fits(string text)
    {
        var pattern = Text;
        var (at, p, star, resume) = (0, 0, -1, 0);
        while (at < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, resume) = (p++, at);
            }
            else if (p < pattern.Length && pattern[p] == text[at])
            {
                p++;
                at++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                at = ++resume;
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).Trim('*').IsEmpty;
    }
}
