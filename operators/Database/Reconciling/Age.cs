using System.Globalization;
using System.Text.RegularExpressions;

namespace Databases.Reconciling;

/// <summary>A length of time as people write it in a spec: <c>720h</c>, <c>1h30m</c>.</summary>
internal static partial class Age
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(36500);

    /// <summary>The time, a hundred years at most; null when there is none or it is nothing.</summary>
    public static TimeSpan? Parse(string? text)
    {
        if (text is null || !Whole().IsMatch(text))
        {
            return null;
        }

        var seconds = Part().Matches(text).Sum(part => double.Parse(part.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * part.Groups[2].Value switch { "h" => 3600, "m" => 60, _ => 1 });
        return seconds <= 0 ? null : seconds >= Longest.TotalSeconds ? Longest : TimeSpan.FromSeconds(seconds);
    }

    [GeneratedRegex(@"\A([0-9]+[hms])+\z")]
    private static partial Regex Whole();

    [GeneratedRegex("([0-9]+)([hms])")]
    private static partial Regex Part();
}
