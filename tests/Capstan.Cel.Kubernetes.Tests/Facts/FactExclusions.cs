using Capstan.Cel.Syntax;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>The facts that are not tried, and why: what they need is for later, or their text was spoilt on the way here.</summary>
internal static class FactExclusions
{
    // Word for word: the end of the list was lost, so that it does not parse in Kubernetes either.
    private static readonly string[] Broken = ["timestamp('2011-01-02T00:00:00.000+01:00'), ."];

    /// <summary>Why a fact is not tried, null when it is.</summary>
    public static string? ReasonOf(Fact fact)
    {
        if (fact.Expressions.Any(text => Broken.Any(piece => text.Contains(piece, StringComparison.Ordinal))))
        {
            return "the text of the fact is broken: it lacks a bracket";
        }

        return fact.Expressions.Select(NeedOf).FirstOrDefault(need => need is not null);
    }

    private static string? NeedOf(string expression)
    {
        var words = Words(expression);
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (i > 0 && words[i - 1] == ".")
            {
                continue;
            }

            if (word is "JSONPatch" or "Object" or "jsonpatch")
            {
                return "needs types of mutating policies, which are for later";
            }
        }

        return null;
    }

    private static List<string> Words(string expression)
    {
        var lexer = new Lexer(expression, new IssueList(new CelSource(expression), 100));
        var words = new List<string>();
        for (var token = lexer.Next(); token.Kind != TokenKind.End; token = lexer.Next())
        {
            words.Add(expression[token.Start..token.End]);
        }

        return words;
    }
}
