using Capstan.Cel.Checking;
using Capstan.Cel.Costs;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Evaluation;

/// <summary>
/// Makes a program of a tree: names become slots, macros become loops, calls become functions, and each node knows what it costs. The depth is
/// bounded by the parser.
/// </summary>
internal sealed partial class Lowering
{
    private readonly EvalScope _scope;
    private readonly CheckedExpression? _checked;
    private readonly List<(int Slot, int Variable)> _inputs = new(1);
    private readonly List<Local> _locals = [];
    private int _slots;
    private (int Position, string Message)? _fault;

    private Lowering(EvalScope scope, CheckedExpression? expression)
    {
        _scope = scope;
        _checked = expression;
    }

    /// <summary>An expression that was not checked: calls of functions whose cost depends on types are charged as cel-go charges them then.</summary>
    public static EvalProgram Lower(CelAst ast, EvalScope scope) => new Lowering(scope, null).Run(ast);

    public static EvalProgram Lower(CheckedExpression expression, EvalScope scope) => new Lowering(scope, expression).Run(expression.Ast);

    private EvalProgram Run(CelAst ast)
    {
        var root = Lower(ast.Root);
        return new(root, _slots, [.. _inputs], _scope.Variables.Count) { Fault = _fault };
    }

    // Inside a chain of fields and indexes, in the branches of ?: and in an index, cel-go does not charge what a chain begins with.
    private EvalNode Lower(CelExpr node, bool isValue = true) => node switch
    {
        LiteralExpr literal => new ConstantNode(node.Id, ValueOf(literal)),
        IdentExpr ident => LowerName(ident, isValue),
        SelectExpr select => LowerSelect(select, isValue),
        CallExpr call => LowerCall(call, isValue),
        ListExpr list => LowerList(list),
        MapExpr map => LowerMap(map),
        ComprehensionExpr fold => LowerFold(fold),
        StructExpr message => LowerMessage(message),
        _ => throw new InvalidOperationException($"unknown node {node.GetType()}"),
    };

    /// <summary>What a literal says.</summary>
    public static CelValue ValueOf(LiteralExpr literal) => literal.Kind switch
    {
        LiteralKind.Null => CelValue.Null,
        LiteralKind.Bool => CelValue.Of(literal.BoolValue),
        LiteralKind.Int => CelValue.Of(literal.IntValue),
        LiteralKind.Uint => CelValue.Of(literal.UintValue),
        LiteralKind.Double => CelValue.Of(literal.DoubleValue),
        LiteralKind.String => CelValue.Of(literal.StringValue),
        _ => CelValue.Of(literal.BytesValue.ToArray()),
    };

    private static ConstantNode Unknown(int id, string name) => new(id, CelValue.Error(EvalErrorKind.UndeclaredReference, id, name));

    // A value of an object type is a map that the checker has looked at.
    private EvalNode LowerMessage(StructExpr message) => _checked?.ReferenceOf(message) is not { Kind: ReferenceKind.Message }
        ? Unknown(message.Id, message.TypeName)
        : new MapNode(
            message.Id,
            [.. message.Fields.Select(f => ((EvalNode)new ConstantNode(f.Id, CelValue.Of(f.Name)), Lower(f.Value), f.IsOptional))],
            lenient: true,
            CostFactors.StructCreateBaseCost);

    private EvalNode LowerList(ListExpr list)
    {
        var items = list.Elements.Select(e => Lower(e)).ToArray();
        if (list.OptionalIndices.IsEmpty && items.All(i => i is ConstantNode { Value.IsError: false }))
        {
            var constants = items.Cast<ConstantNode>().ToArray();
            var isLiteral = _scope.FreeConstants && constants.All(c => c.IsLiteral);
            var cost = constants.Aggregate(isLiteral ? 0 : CostFactors.ListCreateBaseCost, (sum, c) => sum + c.Cost);
            return new ConstantNode(list.Id, CelValue.Of(CelList.Of([.. constants.Select(c => c.Value)])), cost, isLiteral);
        }

        var optional = new bool[items.Length];
        foreach (var index in list.OptionalIndices)
        {
            optional[index] = true;
        }

        return new ListNode(list.Id, items, optional);
    }

    private EvalNode LowerMap(MapExpr map)
    {
        var entries = map.Entries.Select(e => (Key: Lower(e.Key), Value: Lower(e.Value), e.IsOptional)).ToArray();
        var node = new MapNode(map.Id, entries, !_scope.Functions.IsSpecification, CostFactors.MapCreateBaseCost);
        if (!_scope.FreeConstants || !entries.All(e => IsLiteral(e.Key) && IsLiteral(e.Value) && !e.IsOptional))
        {
            return node;
        }

        node.Evaluate(new Frame(0), out var value);
        return value.IsError ? node : new ConstantNode(map.Id, value);
    }

    private static bool IsLiteral(EvalNode node) => node is ConstantNode { IsLiteral: true, Value.IsError: false };

    /// <summary>A variable of a comprehension or a name of <c>cel.bind</c>, whose value is then given.</summary>
    private readonly record struct Local(string Name, int Slot, EvalNode? Value);
}
