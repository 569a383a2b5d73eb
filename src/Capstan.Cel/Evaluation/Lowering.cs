using Capstan.Cel.Checking;
using Capstan.Cel.Regex;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Evaluation;

/// <summary>Makes a program of a tree: names become slots, macros become loops, calls become functions. The depth is bounded by the parser.</summary>
internal sealed partial class Lowering
{
    private readonly EvalScope _scope;
    private readonly CheckedExpression? _checked;
    private readonly Dictionary<string, int> _variables;
    private readonly List<(string Name, int Slot)> _locals = [];
    private int _slots;

    private Lowering(EvalScope scope, CheckedExpression? expression)
    {
        _scope = scope;
        _checked = expression;
        _variables = new(StringComparer.Ordinal);
        foreach (var name in scope.Variables)
        {
            _variables.Add(name, _slots++);
        }
    }

    public static EvalProgram Lower(CelAst ast, EvalScope scope) => new Lowering(scope, null).Lower(ast);

    public static EvalProgram Lower(CheckedExpression expression, EvalScope scope) => new Lowering(scope, expression).Lower(expression.Ast);

    private EvalProgram Lower(CelAst ast)
    {
        var root = Lower(ast.Root);
        return new(root, _slots, _scope.Variables);
    }

    private EvalNode Lower(CelExpr node) => node switch
    {
        LiteralExpr literal => new ConstantNode(node.Id, ValueOf(literal)),
        IdentExpr ident => LowerName(ident),
        SelectExpr select => LowerSelect(select),
        CallExpr call => LowerCall(call),
        ListExpr list => LowerList(list),
        MapExpr map => new MapNode(
            node.Id, [.. map.Entries.Select(e => (Lower(e.Key), Lower(e.Value), e.IsOptional))], !_scope.Functions.IsSpecification),
        ComprehensionExpr fold => LowerFold(fold),
        StructExpr message => LowerMessage(message),
        _ => throw new InvalidOperationException($"unknown node {node.GetType()}"),
    };

    private static CelValue ValueOf(LiteralExpr literal) => literal.Kind switch
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
            lenient: true);

    private EvalNode LowerList(ListExpr list)
    {
        var items = list.Elements.Select(Lower).ToArray();
        if (list.OptionalIndices.IsEmpty && items.All(i => i is ConstantNode { Value.IsError: false }))
        {
            return new ConstantNode(list.Id, CelValue.Of(CelList.Of([.. items.Select(i => ((ConstantNode)i).Value)])));
        }

        var optional = new bool[items.Length];
        foreach (var index in list.OptionalIndices)
        {
            optional[index] = true;
        }

        return new ListNode(list.Id, items, optional);
    }

    private EvalNode LowerName(IdentExpr ident) => Local(ident.Name) is { } slot
        ? new SlotNode(ident.Id, slot, ident.Name)
        : Resolve(ident.Id, ident.Name) ?? Unknown(ident.Id, ident.Name);

    private int? Local(string name)
    {
        for (var i = _locals.Count - 1; i >= 0; i--)
        {
            if (_locals[i].Name == name)
            {
                return _locals[i].Slot;
            }
        }

        return null;
    }

    private EvalNode? Resolve(int id, string name)
    {
        foreach (var candidate in _scope.Candidates(name))
        {
            if (_variables.TryGetValue(candidate, out var slot))
            {
                return new SlotNode(id, slot, candidate);
            }

            if (_scope.Functions.IsType(candidate))
            {
                return new ConstantNode(id, CelValue.TypeOf(candidate));
            }
        }

        return null;
    }

    private EvalNode LowerSelect(SelectExpr select)
    {
        // a.b.c may be a variable of that name, or the field c of a.b: the longest name wins, but a loop variable a beats all.
        if (!select.IsTestOnly && !select.IsOptional && DottedName(select) is { } name && Resolve(select.Id, name) is { } variable)
        {
            return variable;
        }

        var operand = Lower(select.Operand);
        if (select.IsTestOnly)
        {
            return new PresenceNode(select.Id, operand, select.Field);
        }

        var field = new SelectNode(select.Id, operand, select.Field, select.IsOptional);
        return operand switch
        {
            _ when select.IsOptional => field,
            SlotNode root => new PathNode(select.Id, root.Slot, [new PathNode.Step(select.Id, select.Field)], field),
            PathNode path => path.Then(select.Id, select.Field, field),
            _ => field,
        };
    }

    /// <summary>The dotted name that a chain of fields spells; null when it is no name or starts with a loop variable.</summary>
    private string? DottedName(CelExpr node) => node switch
    {
        IdentExpr ident => Local(ident.Name) is null ? ident.Name : null,
        SelectExpr { IsTestOnly: false, IsOptional: false } select => DottedName(select.Operand) is { } name ? $"{name}.{select.Field}" : null,
        _ => null,
    };

    private EvalNode LowerCall(CallExpr call)
    {
        if (call.Target is null && LowerOperator(call) is { } special)
        {
            return special;
        }

        if (call is { Target: not null, Function: "or" or "orValue", Arguments.Length: 1 } && _scope.Functions.HasOptionals)
        {
            return new OrElseNode(call.Id, Lower(call.Target), Lower(call.Arguments[0]), call.Function == "orValue");
        }

        var name = call.Target is null ? call.Function : DottedName(call.Target) is { } prefix ? $"{prefix}.{call.Function}" : null;
        if (name is not null)
        {
            foreach (var candidate in _scope.Candidates(name))
            {
                if (_scope.Functions.Find(candidate, call.Arguments.Length, isMember: false) is { } global)
                {
                    return LowerFunction(call, OverloadOf(call) ?? global, [.. call.Arguments.Select(Lower)]);
                }
            }
        }

        if (call.Target is not null && _scope.Functions.Find(call.Function, call.Arguments.Length, isMember: true) is { } member)
        {
            return LowerFunction(call, OverloadOf(call) ?? member, [Lower(call.Target), .. call.Arguments.Select(Lower)]);
        }

        return _scope.Functions.IsFunction(call.Function)
            ? new ConstantNode(call.Id, CelValue.Error(EvalErrorKind.NoSuchOverload, call.Id, call.Function))
            : Unknown(call.Id, call.Function);
    }

    private CelFunction? OverloadOf(CallExpr call) =>
        _checked?.ReferenceOf(call) is { Overloads: [var only] } ? _scope.Functions.FindOverload(only) : null;

    private static EvalNode LowerFunction(CallExpr call, CelFunction function, EvalNode[] arguments)
    {
        if (call.Function == "matches" && arguments is [var text, ConstantNode { Value: { Kind: CelKind.String } pattern }])
        {
            try
            {
                return new MatchesNode(call.Id, text, Re2.Compile(pattern.String));
            }
            catch (Re2SyntaxException e)
            {
                return new ConstantNode(call.Id, CelValue.Error(EvalErrorKind.Message, call.Id, e.Message));
            }
        }

        var node = new CallNode(call.Id, function, arguments);
        return arguments.Length > 0 && arguments.All(a => a is ConstantNode { Value.IsError: false }) ? Fold(node) : node;
    }

    // Functions are pure. Errors stay with the evaluation, and lists are not kept: a short text can ask for a long one.
    private static EvalNode Fold(CallNode node)
    {
        node.Evaluate(new Frame(0), out var value);
        return value.IsError || value.Kind is CelKind.List or CelKind.Map ? node : new ConstantNode(node.Id, value);
    }
}
