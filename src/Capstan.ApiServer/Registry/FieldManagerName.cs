using System.Globalization;
using System.Text;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry;

/// <summary>What a field manager may be called.</summary>
internal static class FieldManagerName
{
    public const int MaxBytes = 128;

    /// <summary>Faults of a name: too long, or with characters that cannot be seen.</summary>
    public static void Check(string name, string path, ICollection<FieldError> errors)
    {
        if (Encoding.UTF8.GetByteCount(name) > MaxBytes)
        {
            errors.Add(FieldErrors.TooLong(path, MaxBytes));
        }

        var position = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            if (!IsPrintable(rune))
            {
                errors.Add(FieldErrors.Invalid(path, name, $"invalid character U+{rune.Value:X4} (at position {position.ToString(CultureInfo.InvariantCulture)})"));
            }

            position += rune.Utf8SequenceLength;
        }
    }

    /// <summary>The name that a client has from its user agent: what stands before the first slash, as <c>kubectl</c> of <c>kubectl/v1.32 (linux/amd64)</c>.</summary>
    public static string FromAgent(string agent)
    {
        var name = new StringBuilder();
        var bytes = 0;
        foreach (var rune in agent[..(agent.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? slash : agent.Length)].EnumerateRunes())
        {
            if (!IsPrintable(rune))
            {
                continue;
            }

            bytes += rune.Utf8SequenceLength;
            if (bytes > MaxBytes)
            {
                break;
            }

            name.Append(rune.ToString());
        }

        return name.ToString();
    }

    // Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the plain space.
    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
