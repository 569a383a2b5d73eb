using Capstan.Cel.Checking;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Checking;

/// <summary>Parses and checks, and says how it came out in one line.</summary>
internal static class Checking
{
    /// <summary>What Kubernetes declares, as far as the core knows it.</summary>
    public static CheckEnvironment Kubernetes { get; } = CheckEnvironment.Standard
        .WithOptionals()
        .WithFunctions(ExtensionDeclarations.Strings)
        .WithFunctions(ExtensionDeclarations.Lists)
        .WithFunctions(ExtensionDeclarations.Sets)
        .WithFunctions(ExtensionDeclarations.TwoVariableComprehensions) with
    {
        Options = new CheckOptions { HomogeneousLiterals = true, LiteralArguments = true },
    };

    public static CheckedExpression Check(string text, CheckEnvironment environment, SyntaxOptions? syntax = null)
    {
        var parsed = CelParser.Parse(text, syntax);
        Assert.True(parsed.Ast is not null, $"{text}: {string.Join('\n', parsed.Issues)}");
        return CelChecker.Check(parsed.Ast, environment);
    }

    /// <summary>The type, or the errors with their columns.</summary>
    public static string Outcome(string text, CheckEnvironment environment, SyntaxOptions? syntax = null)
    {
        var result = Check(text, environment, syntax);
        return result.IsValid ? result.Type.ToString() : string.Join("; ", result.Issues.Select(i => $"{i.Line}:{i.Column}: {i.Message}"));
    }
}
