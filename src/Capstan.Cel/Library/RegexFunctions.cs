using System.Collections.Immutable;
using System.Text;
using Capstan.Cel.Checking;
using Capstan.Cel.Regex;
using Capstan.Cel.Values;

namespace Capstan.Cel.Library;

/// <summary>The regex extension: replacing, and extracting what the only group of a pattern matches, or the pattern where it has none.</summary>
internal static class RegexFunctions
{
    /// <summary>The error of a pattern that would be searched for without end.</summary>
    public const string TooManySteps = "the pattern takes too many steps to be searched for all over the text";

    public static ImmutableArray<FunctionDeclaration> Declarations { get; } = SignatureReader.Functions(
        """
        regex.replace
          regex_replace_string_string_string (string, string, string) -> string
          regex_replace_string_string_string_int (string, string, string, int) -> string
        regex.extract
          regex_extract_string_string (string, string) -> optional_type(string)
        regex.extractAll
          regex_extractAll_string_string (string, string) -> list(string)
        """);

    public static void Declare(FunctionSet set)
    {
        CelKind[] two = [CelKind.String, CelKind.String];
        set.Pattern("regex.extract", isMember: false, two, (pattern, a) => Extract(pattern, a[0].String, one: true));
        set.Pattern("regex.extractAll", isMember: false, two, (pattern, a) => Extract(pattern, a[0].String, one: false));
        set.Pattern("regex.replace", isMember: false, [.. two, CelKind.String], (pattern, a) => Replace(pattern, a[0].String, a[2].String, -1));
        set.Pattern(
            "regex.replace", isMember: false, [.. two, CelKind.String, CelKind.Int], (pattern, a) => Replace(pattern, a[0].String, a[2].String, a[3].Int));

        // Replacing nothing does not look at the pattern.
        set.Global("regex.replace", 4, a => a is [{ Kind: CelKind.String }, { Kind: CelKind.String }, { Kind: CelKind.String }, { Kind: CelKind.Int, Int: 0 }]
            ? a[0] : FunctionSet.NoOverload("regex.replace"));
    }

    private static CelValue Extract(Re2 pattern, string text, bool one)
    {
        var groups = pattern.GroupNames.Count;
        if (groups > 2)
        {
            return CelValue.Failure($"regular expression has more than one capturing group: {CelText.Quote(pattern.Pattern)}");
        }

        var found = new List<CelValue>();
        var done = pattern.TryVisit(text, one ? 1 : -1, groups, match =>
        {
            // A group that matched nothing is no result; a pattern without one may match the empty text.
            if (groups == 1 || match[1].Length > 0)
            {
                found.Add(CelValue.Of(text.Substring(match[^1].Start, match[^1].Length)));
            }

            return true;
        });
        return !done ? CelValue.Failure(TooManySteps)
            : !one ? CelValue.Of(CelList.Of([.. found]))
            : CelValue.Of(found.Count > 0 ? CelOptional.Of(found[0]) : CelOptional.None);
    }

    private static CelValue Replace(Re2 pattern, string text, string replacement, long limit)
    {
        var result = new StringBuilder();
        var position = 0;
        string? error = null;
        var done = pattern.TryVisit(text, (int)Math.Clamp(limit, -1, int.MaxValue), pattern.GroupNames.Count, match =>
        {
            result.Append(text, position, match[0].Start - position);
            error = AppendReplacement(result, replacement, text, match);
            position = match[0].Start + match[0].Length;
            return error is null && result.Length <= CelText.MaxLength;
        });
        if (!done || error is not null)
        {
            return CelValue.Failure(error ?? TooManySteps);
        }

        return result.Length + (long)text.Length - position > CelText.MaxLength
            ? CelValue.Error(CelErrorKind.ResultTooLarge)
            : CelValue.Of(result.Append(text, position, text.Length - position).ToString());
    }

    /// <summary>The replacement with its groups, <c>\1</c> to <c>\9</c>, put in, <c>\0</c> being the match; what is wrong with it, null when nothing is.</summary>
    private static string? AppendReplacement(StringBuilder result, string replacement, string text, ReadOnlySpan<Re2Range> match)
    {
        for (var i = 0; i < replacement.Length && result.Length <= CelText.MaxLength; i++)
        {
            if (replacement[i] != '\\')
            {
                result.Append(replacement[i]);
                continue;
            }

            i++;
            if (i == replacement.Length)
            {
                return $"invalid replacement string: '{replacement}' \\ not allowed at end";
            }

            if (replacement[i] == '\\')
            {
                result.Append('\\');
                continue;
            }

            var group = replacement[i] - '0';
            if (group is < 0 or > 9)
            {
                return $"invalid replacement string: '{replacement}' \\ must be followed by a digit or \\";
            }

            if (group >= match.Length)
            {
                return $"replacement string references group {group} but regex has only {match.Length - 1} group(s)";
            }

            if (match[group] != Re2Range.None)
            {
                result.Append(text, match[group].Start, match[group].Length);
            }
        }

        return null;
    }
}
