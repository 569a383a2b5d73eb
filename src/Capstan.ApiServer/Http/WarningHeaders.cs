using System.Text;
using Microsoft.AspNetCore.Http;

namespace Capstan.ApiServer.Http;

/// <summary>Writes warnings as headers: each once, and where they are many in short, so that no client stumbles over the size of the head.</summary>
internal static class WarningHeaders
{
    private const int MostRunes = 4 * 1024;
    private const int MostRunesEach = 256;

    public static void Write(IHeaderDictionary headers, IReadOnlyList<string> warnings)
    {
        if (warnings.Count == 0)
        {
            return;
        }

        // A header cannot say what has a control character or is no text: such a warning is left out.
        var told = warnings.Where(w => w.Length > 0 && !w.Any(char.IsControl)).Distinct().ToList();
        var isLong = told.Sum(Length) > MostRunes;
        var written = 0;
        foreach (var warning in told)
        {
            if (isLong && written >= MostRunes)
            {
                return;
            }

            var text = isLong ? Start(warning) : warning;
            written += Length(text);
            headers.Append("Warning", $"299 - {Quoted(text)}");
        }
    }

    private static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static int Length(string text) => text.EnumerateRunes().Count();

    private static string Start(string text)
    {
        var start = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().Take(MostRunesEach))
        {
            start.Append(rune);
        }

        return start.ToString();
    }
}
