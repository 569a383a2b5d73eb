using Capstan.Cel.Checking;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Costs;

/// <summary>
/// The cost that evaluating an expression can have at least and at most, in cel-go's units. One instance walks one expression once; the
/// work is linear in its nodes, and as deep as its height.
/// </summary>
internal sealed partial class CostEstimator
{
    private static readonly CostInterval Access = CostInterval.Exactly(CostFactors.SelectAndIdentCost);

    private readonly CheckedExpression _expression;
    private readonly CostModel _model;

    // By node id.
    private readonly FieldPath[] _paths;
    private readonly SizeInterval?[] _sizes;
    private readonly EntrySize?[] _entrySizes;
    private readonly Dictionary<string, Stack<LocalVariable>> _locals = new(StringComparer.Ordinal);

    private CostEstimator(CheckedExpression expression, CostModel model)
    {
        _expression = expression;
        _model = model;
        _paths = new FieldPath[expression.Ast.IdCount];
        _sizes = new SizeInterval?[expression.Ast.IdCount];
        _entrySizes = new EntrySize?[expression.Ast.IdCount];
    }

    /// <summary>Estimates an expression that was checked without errors.</summary>
    public static CostInterval Estimate(CheckedExpression expression, CostModel model) =>
        new CostEstimator(expression, model).Cost(expression.Ast.Root);

    private CostInterval Cost(CelExpr node) => node switch
    {
        LiteralExpr => CostInterval.Exactly(CostFactors.ConstCost),
        IdentExpr ident => CostOfName(ident, ident.Name),
        SelectExpr select => CostOfSelection(select),
        CallExpr call => CostOfCall(call),
        ListExpr list => CostOfList(list),
        MapExpr map => CostOfMap(map),
        StructExpr message => CostOfMessage(message),
        ComprehensionExpr fold => IsBinding(fold) ? CostOfBinding(fold) : CostOfFold(fold),
        _ => throw new InvalidOperationException($"unknown node {node.GetType()}"),
    };

    private CostInterval CostOfName(CelExpr node, string name)
    {
        _paths[node.Id] = FindLocal(name) is { } local ? local.Path : FieldPath.Of(name);
        return Access;
    }

    private CostInterval CostOfSelection(SelectExpr select)
    {
        // A chain that spells the name of a variable is a name.
        if (_expression.ReferenceOf(select) is { } reference)
        {
            return CostOfName(select, reference.Name);
        }

        var cost = Cost(select.Operand);
        if (select.IsTestOnly)
        {
            return _model.PresenceTestsCost ? cost + Access : cost;
        }

        if (select.IsOptional)
        {
            // A call in cel-go, of a function without estimates of its own.
            _sizes[select.Id] = SizeOf(select);
            return cost + Access;
        }

        _paths[select.Id] = PathOf(select.Operand).Append(select.Field);

        // Dynamic and optional operands cost nothing more, other than at run time.
        return _expression.TypeOf(select.Operand).Kind is CelTypeKind.Map or CelTypeKind.Object ? cost + Access : cost;
    }

    private CostInterval CostOfList(ListExpr list)
    {
        var cost = CostInterval.Zero;
        var size = list.Elements.IsEmpty ? default : SizeInterval.Nothing;
        foreach (var element in list.Elements)
        {
            cost += Cost(element);
            size = size.Union(SizeOrUnknown(element));
        }

        _entrySizes[list.Id] = new EntrySize(IsList: true, SizeInterval.Exactly(1), size);
        return cost + CostInterval.Exactly(CostFactors.ListCreateBaseCost);
    }

    private CostInterval CostOfMap(MapExpr map)
    {
        var cost = CostInterval.Zero;
        var keys = map.Entries.IsEmpty ? default : SizeInterval.Nothing;
        var values = keys;
        foreach (var entry in map.Entries)
        {
            cost = cost + Cost(entry.Key) + Cost(entry.Value);
            keys = keys.Union(SizeOrUnknown(entry.Key));
            values = values.Union(SizeOrUnknown(entry.Value));
        }

        _entrySizes[map.Id] = new EntrySize(IsList: false, keys, values);
        return cost + CostInterval.Exactly(CostFactors.MapCreateBaseCost);
    }

    private CostInterval CostOfMessage(StructExpr message)
    {
        var cost = CostInterval.Exactly(CostFactors.StructCreateBaseCost);
        foreach (var field in message.Fields)
        {
            cost += Cost(field.Value);
        }

        return cost;
    }
}
