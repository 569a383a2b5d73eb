using System.Collections.Immutable;

namespace Capstan.Cel.Syntax;

/// <summary>A call of a function, global or of a receiver. Operators are calls too: see <see cref="Operators"/>.</summary>
internal sealed class CallExpr(int id, SourceSpan span, string function, CelExpr? target, ImmutableArray<CelExpr> arguments)
    : CelExpr(id, span, Math.Max(target?.Height ?? 0, Heights.Of(arguments)) + 1)
{
    /// <summary>The function's name; of a global call with a dot in front where the text has one.</summary>
    public string Function { get; } = function;

    /// <summary>The receiver, null in a global call.</summary>
    public CelExpr? Target { get; } = target;

    public ImmutableArray<CelExpr> Arguments { get; } = arguments;
}
