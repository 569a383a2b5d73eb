using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Syntax;

/// <summary>Parses in tests; failures show the messages.</summary>
internal static class Parsed
{
    public static SyntaxOptions NoMacros { get; } = SyntaxOptions.Spec with { Macros = MacroTable.Empty };

    public static CelAst Ok(string expression, SyntaxOptions? options = null)
    {
        var result = CelParser.Parse(expression, options);
        Assert.True(result.Ast is not null, $"{expression}\n{IssueText.Of(result.Source, result.Issues)}");
        Assert.Empty(result.Issues);
        return result.Ast;
    }

    public static IReadOnlyList<CelIssue> Bad(string expression, SyntaxOptions? options = null)
    {
        var result = CelParser.Parse(expression, options);
        Assert.True(result.Ast is null, $"{expression} parses");
        Assert.NotEmpty(result.Issues);
        return result.Issues;
    }

    /// <summary>The only error, as <c>line:column: message</c>.</summary>
    public static string Error(string expression, SyntaxOptions? options = null)
    {
        var issue = Assert.Single(Bad(expression, options));
        return $"{issue.Line}:{issue.Column}: {issue.Message}";
    }
}
