using Capstan.Cel.Regex;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Kubernetes.Rules;

/// <summary>
/// Patterns that an expression writes out for <c>find</c> and <c>findAll</c>. Kubernetes compiles them when it makes a program of the checked
/// expression, so a wrong one has no place in the text and hides behind whatever the checker finds.
/// </summary>
internal static class PatternLiterals
{
    /// <summary>What is wrong with the first wrong one; null when none is.</summary>
    public static string? Fault(CelProgram program) =>
        program.Text.Contains("find", StringComparison.Ordinal) ? FaultIn(CelParser.Parse(program.Text, program.Environment.Syntax).Ast!.Root) : null;

    // As deep as the parser lets a tree be.
    private static string? FaultIn(CelExpr? node) => node switch
    {
        CallExpr call => FaultIn(call.Target) ?? FaultIn(call.Arguments) ?? FaultOf(call),
        SelectExpr select => FaultIn(select.Operand),
        ListExpr list => FaultIn(list.Elements),
        MapExpr map => FaultIn(map.Entries.SelectMany(entry => new[] { entry.Key, entry.Value })),
        StructExpr message => FaultIn(message.Fields.Select(field => field.Value)),
        ComprehensionExpr fold => FaultIn([fold.Range, fold.AccumulatorInit, fold.Condition, fold.Step, fold.Result]),
        _ => null,
    };

    private static string? FaultIn(IEnumerable<CelExpr> nodes) => nodes.Select(FaultIn).FirstOrDefault(fault => fault is not null);

    private static string? FaultOf(CallExpr call)
    {
        if (call is not { Function: "find" or "findAll", Target: not null, Arguments: [LiteralExpr { Kind: LiteralKind.String } pattern, ..] })
        {
            return null;
        }

        try
        {
            Re2.Compile(pattern.StringValue);
            return null;
        }
        catch (Re2SyntaxException e)
        {
            return e.Message;
        }
    }
}
