using System.Globalization;
using System.Text;

namespace KubeTemplater.Policies;

/// <summary>Many findings as one text that people can read, and that fits where it goes: an answer, a status, an event.</summary>
internal static class Findings
{
    /// <summary>Characters of the text at most, but for the last words, which say how many more there are.</summary>
    public const int MostCharacters = 8192;

    // An expression of a policy is repeated in what it finds, and may be longer than all the rest.
    private const int MostOfOne = 1024;

    /// <summary>The findings with semicolons between, as far as they fit, and how many more there are.</summary>
    /// <param name="all">Each a sentence.</param>
    /// <param name="mostCharacters">What fits; the first is there in any case.</param>
    public static string Text(IReadOnlyCollection<string> all, int mostCharacters = MostCharacters)
    {
        var text = new StringBuilder();
        var told = 0;
        foreach (var finding in all)
        {
            var most = Math.Min(MostOfOne, mostCharacters);
            var one = finding.Length <= most ? finding : $"{finding.AsSpan(0, char.IsHighSurrogate(finding[most - 1]) ? most - 1 : most)}…";
            if (told > 0 && text.Length + one.Length + 2 > mostCharacters)
            {
                break;
            }

            text.Append(told++ == 0 ? "" : "; ").Append(one);
        }

        return told == all.Count ? text.ToString() : text.Append(CultureInfo.InvariantCulture, $"; and {all.Count - told} more").ToString();
    }
}
