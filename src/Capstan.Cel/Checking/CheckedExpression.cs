using Capstan.Cel.Syntax;

namespace Capstan.Cel.Checking;

/// <summary>An expression with the types and references of its nodes. Immutable, so it may be shared between threads.</summary>
/// <param name="ast">The expression.</param>
/// <param name="issues">Errors in the order of the text.</param>
/// <param name="types">By node id.</param>
/// <param name="references">By node id.</param>
internal sealed class CheckedExpression(CelAst ast, IReadOnlyList<CelIssue> issues, CelType?[] types, CheckedReference?[] references)
{
    public CelAst Ast { get; } = ast;

    public IReadOnlyList<CelIssue> Issues { get; } = issues;

    /// <summary>The only issue when it is no matter of types: a call of constants that can only fail. Null otherwise.</summary>
    public string? Fault { get; init; }

    /// <summary>Whether the expression may be evaluated.</summary>
    public bool IsValid => Issues.Count == 0;

    /// <summary>The type of the expression's value.</summary>
    public CelType Type => TypeOf(Ast.Root);

    /// <summary>The type of a node. Dyn for parts of a name that mean nothing alone: <c>a</c> where <c>a.b</c> is a variable.</summary>
    public CelType TypeOf(CelExpr node) => types[node.Id] ?? CelType.Dyn;

    /// <summary>What a name, a selection that spells a name, a call or a message literal refers to; null where it refers to nothing.</summary>
    public CheckedReference? ReferenceOf(CelExpr node) => references[node.Id];

    /// <summary>Whether the expression reads a variable of the environment, <c>oldSelf</c> for instance.</summary>
    public bool RefersTo(string variable) =>
        Array.Exists(references, r => r is { Kind: ReferenceKind.Variable } && r.Name == variable);
}
