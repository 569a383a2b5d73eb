using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Syntax;

/// <summary>Parse, print, parse: the second tree must be the first, and the second print the first print.</summary>
internal static class RoundTrip
{
    /// <summary>What went wrong; null when nothing did, or when the text does not parse to begin with.</summary>
    public static string? Failure(string text, SyntaxOptions? options = null)
    {
        if (CelParser.Parse(text, options).Ast is not { } first)
        {
            return null;
        }

        var printed = CelPrinter.Print(first);
        var again = CelParser.Parse(printed, options);
        return again.Ast is not { } second ? $"{text}\nprints as {printed}\n{IssueText.Of(again.Source, again.Issues)}"
            : TreeText.Of(first.Root) != TreeText.Of(second.Root) ? $"{text}\nprints as {printed}\n{TreeText.Of(first.Root)}\n{TreeText.Of(second.Root)}"
            : CelPrinter.Print(second) != printed ? $"{text}\nprints as {printed}\nthen as {CelPrinter.Print(second)}"
            : null;
    }
}
