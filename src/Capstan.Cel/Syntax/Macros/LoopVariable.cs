using System.Collections.Immutable;

namespace Capstan.Cel.Syntax;

/// <summary>The names that a comprehension's arguments declare.</summary>
internal static class LoopVariable
{
    /// <summary>The name, or null after reporting why it is none.</summary>
    public static string? Of(MacroExpansion expansion, CelExpr argument, string notAName = "argument must be a simple name")
    {
        if (argument is not IdentExpr { Name: var name } || name.StartsWith('.'))
        {
            expansion.Error(argument, notAName);
            return null;
        }

        if (name is MacroExpansion.Accumulator or MacroExpansion.OldAccumulator)
        {
            expansion.Error(argument, "iteration variable overwrites accumulator variable");
            return null;
        }

        return name;
    }

    /// <summary>The first two arguments' names, or null after reporting what is wrong with them.</summary>
    public static (string First, string Second)? PairOf(MacroExpansion expansion, ImmutableArray<CelExpr> arguments)
    {
        if (Of(expansion, arguments[0]) is not { } first || Of(expansion, arguments[1]) is not { } second)
        {
            return null;
        }

        if (first == second)
        {
            expansion.Error(arguments[1], $"duplicate variable name: {first}");
            return null;
        }

        return (first, second);
    }
}
