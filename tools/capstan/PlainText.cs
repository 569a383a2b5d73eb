namespace Capstan.Tool;

/// <summary>What others wrote must neither break the lines nor speak to the terminal.</summary>
internal static class PlainText
{
    /// <summary>The text with a space for each control character.</summary>
    public static string Of(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)) : text;
}
