namespace Capstan.Cel.Syntax;

/// <summary>What of the language is on, and the bounds of an expression. Immutable.</summary>
internal sealed record SyntaxOptions
{
    /// <summary>The dialect of Kubernetes 1.36, the default: optional syntax, standard, optional, two-variable and list macros.</summary>
    public static SyntaxOptions Kubernetes { get; } = new()
    {
        OptionalSyntax = true,
        Macros = MacroTable.Of([.. StandardMacros.All, .. OptionalMacros.All, .. TwoVariableMacros.All, .. ListMacros.All]),
    };

    /// <summary>What the conformance suite of the specification runs with, its test-only macros for blocks included.</summary>
    public static SyntaxOptions Spec { get; } = new()
    {
        OptionalSyntax = true,
        QuotedIdentifiers = true,
        Macros = MacroTable.Of(
            [.. StandardMacros.All, .. OptionalMacros.All, .. TwoVariableMacros.All, .. ListMacros.All, .. BindMacros.All, .. MathMacros.All, .. BlockMacros.All]),
    };

    /// <summary><c>.?</c>, <c>[?</c> and <c>?</c> before elements, keys and fields. Default off.</summary>
    public bool OptionalSyntax { get; init; }

    /// <summary>Field names in backticks. Default off, as in Kubernetes.</summary>
    public bool QuotedIdentifiers { get; init; }

    /// <summary>Macros to expand. Default none.</summary>
    public MacroTable Macros { get; init; } = MacroTable.Empty;

    /// <summary>Deepest nesting, and longest chain of selections or of operators of one level. Default 250, cel-go's.</summary>
    public int MaxDepth { get; init; } = 250;

    /// <summary>Longest text in characters. Default 100,000, cel-go's.</summary>
    public int MaxCodePoints { get; init; } = 100_000;

    /// <summary>Errors after which parsing stops. Default 100, cel-go's.</summary>
    public int MaxErrors { get; init; } = 100;

    /// <summary>Most nodes of a tree. Default 200,000: no text within the bounds needs as many, but macros that copy could make more.</summary>
    public int MaxNodes { get; init; } = 200_000;

    /// <summary>Most comprehensions within the bodies of one another. Default 32: over lists of two elements that is more work than anybody can pay.</summary>
    public int MaxComprehensionDepth { get; init; } = 32;

    /// <summary>
    /// Greatest <see cref="CelExpr.Height"/>, twice <see cref="MaxDepth"/>: a macro makes several nodes of one nesting, but a pass that takes
    /// 2 KB of stack for each must get along with the 1.5 MB that .NET gives a thread.
    /// </summary>
    public int MaxHeight => 2 * MaxDepth;
}
