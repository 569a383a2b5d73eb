using System.Globalization;
using System.Text;

namespace Capstan.Cel.Syntax;

/// <summary>Issues as people read them: <c>ERROR: &lt;input&gt;:1:5: message</c>, the line of the text, and a caret below the place.</summary>
internal static class IssueText
{
    // A longer line would hide the message that it should explain.
    private const int LongestLine = 16_384;

    public static string Of(CelSource source, IEnumerable<CelIssue> issues) => string.Join('\n', issues.Select(i => Of(source, i)));

    /// <summary>One issue. The line below the text has wide dots below wide characters, so that the caret stands where it should.</summary>
    public static string Of(CelSource source, CelIssue issue)
    {
        var text = new StringBuilder()
            .Append(issue.Severity == CelSeverity.Error ? "ERROR" : "WARNING")
            .Append(CultureInfo.InvariantCulture, $": {source.Description}:{issue.Line}:{issue.Column}: {issue.Message}");
        var line = source.Line(issue.Line);
        if (line.Length > LongestLine)
        {
            return text.ToString();
        }

        text.Append("\n | ");
        foreach (var character in line.EnumerateRunes())
        {
            text.Append(Rune.IsControl(character) ? " " : character.ToString());
        }

        text.Append("\n | ");
        var column = 1;
        foreach (var character in line.EnumerateRunes())
        {
            if (column == issue.Column)
            {
                return text.Append(character.IsAscii ? '^' : '\uFF3E').ToString();
            }

            text.Append(character.IsAscii ? '.' : '\uFF0E');
            column++;
        }

        return text.Append('^').ToString();
    }
}
