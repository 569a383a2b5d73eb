using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Capstan.Schemas;

/// <summary>Regular expressions of Go (RE2), run by .NET's engine without backtracking: time grows linearly with the text, whoever wrote the pattern.</summary>
/// <remarks>Differences that remain: a character beyond U+FFFF counts as two, and Unicode tables are those of .NET.</remarks>
internal static class GoPattern
{
    private const int MaxRepeat = 1000;

    /// <summary>Compiles a pattern.</summary>
    /// <exception cref="FormatException">Go would refuse the pattern; the message is near to Go's.</exception>
    public static Regex Compile(string pattern)
    {
        try
        {
            return new(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (ArgumentException fault)
        {
            throw new FormatException(Fault(pattern, fault), fault);
        }
        catch (NotSupportedException fault)
        {
            throw new FormatException($"error parsing regexp: invalid or unsupported Perl syntax: `{pattern}`", fault);
        }
    }

    private static string Fault(string pattern, Exception fault) => (fault as RegexParseException)?.Error switch
    {
        RegexParseError.InsufficientClosingParentheses => $"error parsing regexp: missing closing ): `{pattern}`",
        RegexParseError.InsufficientOpeningParentheses => $"error parsing regexp: unexpected ): `{pattern}`",
        RegexParseError.UnterminatedBracket => $"error parsing regexp: missing closing ]: `{pattern[pattern.LastIndexOf('[')..]}`",
        RegexParseError.QuantifierAfterNothing => $"error parsing regexp: missing argument to repetition operator: `{pattern.FirstOrDefault(c => c is '*' or '+' or '?')}`",
        RegexParseError.NestedQuantifiersNotParenthesized => $"error parsing regexp: invalid nested repetition operator: `{pattern}`",
        RegexParseError.UnescapedEndingBackslash => "error parsing regexp: trailing backslash at end of expression: ``",
        RegexParseError.ReversedCharacterRange => $"error parsing regexp: invalid character class range: `{pattern}`",
        _ => $"error parsing regexp: {fault.Message}",
    };

    private static string Translate(string pattern)
    {
        var written = new StringBuilder(pattern.Length + 8);
        var inClass = false;
        for (var at = 0; at < pattern.Length; at++)
        {
            var c = pattern[at];
            if (c == '\\')
            {
                at = Escape(pattern, at, inClass, written);
            }
            else if (inClass)
            {
                at = InClass(pattern, at, written, ref inClass);
            }
            else if (c == '[')
            {
                inClass = true;
                written.Append(c);
                if (at + 1 < pattern.Length && pattern[at + 1] == '^')
                {
                    written.Append(pattern[++at]);
                }

                // A bracket that stands first is itself.
                if (at + 1 < pattern.Length && pattern[at + 1] == ']')
                {
                    written.Append(@"\]");
                    at++;
                }
            }
            else if (c == '$')
            {
                // .NET's $ also matches before a last newline.
                written.Append(@"\z");
            }
            else if (c == '(' && pattern.AsSpan(at).StartsWith("(?"))
            {
                at = Group(pattern, at, written);
            }
            else
            {
                CheckRepeat(pattern, at);
                written.Append(c);
            }
        }

        return written.ToString();
    }

    private static int InClass(string pattern, int at, StringBuilder written, ref bool inClass)
    {
        if (pattern[at] == ']')
        {
            inClass = false;
            written.Append(']');
            return at;
        }

        if (pattern[at] != '[')
        {
            written.Append(pattern[at]);
            return at;
        }

        if (at + 1 < pattern.Length && pattern[at + 1] == ':' && pattern.IndexOf(":]", at, StringComparison.Ordinal) is > 0 and var end)
        {
            var name = pattern[(at + 2)..end];
            written.Append(NamedClass(name) ?? throw new FormatException($"error parsing regexp: invalid character class range: `[:{name}:]`"));
            return end + 1;
        }

        // Unescaped, .NET would read a subtraction after a hyphen.
        written.Append(@"\[");
        return at;
    }

    private static int Group(string pattern, int at, StringBuilder written)
    {
        var rest = pattern.AsSpan(at + 2);
        if (rest.StartsWith("P<"))
        {
            written.Append("(?<");
            return at + 3;
        }

        if (rest.StartsWith("<=") || rest.StartsWith("<!"))
        {
            throw new FormatException($"error parsing regexp: invalid named capture: `{pattern[at..]}`");
        }

        if (rest.Length > 0 && rest[0] is ':' or 'i' or 's' or '-' or '<')
        {
            written.Append("(?");
            return at + 1;
        }

        throw new FormatException($"error parsing regexp: invalid or unsupported Perl syntax: `{pattern.AsSpan(at, Math.Min(3, pattern.Length - at))}`");
    }

    private static int Escape(string pattern, int at, bool inClass, StringBuilder written)
    {
        if (at + 1 == pattern.Length)
        {
            throw new FormatException("error parsing regexp: trailing backslash at end of expression: ``");
        }

        var c = pattern[at + 1];
        if (c == 'x' && at + 2 < pattern.Length && pattern[at + 2] == '{' && pattern.IndexOf('}', at) is > 0 and var end
            && int.TryParse(pattern.AsSpan(at + 3, end - at - 3), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) && Rune.IsValid(code))
        {
            foreach (var unit in new Rune(code).ToString())
            {
                written.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
            }

            return end;
        }

        if (c == 'Q' && !inClass)
        {
            var stop = pattern.IndexOf(@"\E", at + 2, StringComparison.Ordinal);
            written.Append(Regex.Escape(pattern[(at + 2)..(stop < 0 ? pattern.Length : stop)]));
            return stop < 0 ? pattern.Length : stop + 1;
        }

        if (c is 'p' or 'P' && at + 2 < pattern.Length && pattern[at + 2] != '{')
        {
            written.Append(CultureInfo.InvariantCulture, $"\\{c}{{{pattern[at + 2]}}}");
            return at + 2;
        }

        written.Append(c switch
        {
            // Go's classes are of ASCII alone.
            'd' => inClass ? "0-9" : "[0-9]",
            'w' => inClass ? "0-9A-Za-z_" : "[0-9A-Za-z_]",
            's' => inClass ? @"\t\n\f\r " : @"[\t\n\f\r ]",
            'D' => inClass ? @"\x00-/:-\uffff" : "[^0-9]",
            'W' => inClass ? @"\x00-/:-@\[-\^`{-\uffff" : "[^0-9A-Za-z_]",
            'S' => inClass ? @"\x00-\x08\x0b\x0e-\x1f!-\uffff" : @"[^\t\n\f\r ]",
            'e' or 'c' or 'k' or 'u' or 'Z' or 'G' or (>= '1' and <= '9') => throw new FormatException($"error parsing regexp: invalid escape sequence: `\\{c}`"),
            _ => $"\\{c}",
        });
        return at + 1;
    }

    private static void CheckRepeat(string pattern, int at)
    {
        if (pattern[at] != '{' || pattern.IndexOf('}', at) is not (> 0 and var end))
        {
            return;
        }

        foreach (var bound in pattern[(at + 1)..end].Split(','))
        {
            if (int.TryParse(bound, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count > MaxRepeat : bound.Length > 9 && bound.All(char.IsAsciiDigit))
            {
                throw new FormatException($"error parsing regexp: invalid repeat count: `{pattern[at..(end + 1)]}`");
            }
        }
    }

    private static string? NamedClass(string name) => name switch
    {
        "alnum" => "0-9A-Za-z",
        "alpha" => "A-Za-z",
        "ascii" => @"\x00-\x7f",
        "blank" => @"\t ",
        "cntrl" => @"\x00-\x1f\x7f",
        "digit" => "0-9",
        "graph" => "!-~",
        "lower" => "a-z",
        "print" => " -~",
        "punct" => @"!-/:-@\[-`{-~",
        "space" => @"\t\n\v\f\r ",
        "upper" => "A-Z",
        "word" => "0-9A-Za-z_",
        "xdigit" => "0-9A-Fa-f",
        _ => null,
    };
}
