using Capstan.Cel.Checking;
using Capstan.Cel.Costs;
using Capstan.Cel.Regex;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Evaluation;

internal sealed partial class Lowering
{
    private EvalNode LowerCall(CallExpr call, bool isValue)
    {
        if (call.Target is null && LowerOperator(call, isValue) is { } special)
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
                    return LowerFunction(call, candidate, FunctionOf(call) ?? global, [.. call.Arguments.Select(a => Lower(a))]);
                }
            }
        }

        if (call.Target is not null && _scope.Functions.Find(call.Function, call.Arguments.Length, isMember: true) is { } member)
        {
            return LowerFunction(call, call.Function, FunctionOf(call) ?? member, [Lower(call.Target), .. call.Arguments.Select(a => Lower(a))]);
        }

        return _scope.Functions.IsFunction(call.Function)
            ? new ConstantNode(call.Id, CelValue.Error(EvalErrorKind.NoSuchOverload, call.Id, call.Function))
            : Unknown(call.Id, call.Function);
    }

    private CelFunction? FunctionOf(CallExpr call) => OverloadOf(call) is { Length: > 0 } overload ? _scope.Functions.FindOverload(overload) : null;

    private EvalNode LowerFunction(CallExpr call, string name, CelFunction function, EvalNode[] arguments)
    {
        var overload = OverloadOf(call);
        var cost = _scope.CallCosts.Find(name, overload);
        var stops = StopsAtError(name, overload, arguments);
        if (name == "matches" && arguments is [var text, ConstantNode { Value: { Kind: CelKind.String } pattern, Cost: 0 }])
        {
            try
            {
                return new MatchesNode(call.Id, text, pattern, Re2.Compile(pattern.String), cost, stops);
            }
            catch (Re2SyntaxException e)
            {
                return new ConstantNode(call.Id, CelValue.Error(EvalErrorKind.Message, call.Id, e.Message));
            }
        }

        if (arguments is [_, ConstantNode { Value: { Kind: CelKind.String } literal }, ..])
        {
            var isMember = arguments.Length > call.Arguments.Length;
            function = _scope.Functions.FindPattern(name, call.Arguments.Length, isMember, literal.String) ?? function;
        }

        var node = NodeOf(call.Id, name, overload, function, arguments, cost, stops);
        return arguments.Length > 0 && arguments.All(a => a is ConstantNode { Value.IsError: false })
            ? Fold(call, node, isConversion: arguments.Length == 1 && IsLiteral(arguments[0]) && IsConversion(name))
            : node;
    }

    private static CallNode NodeOf(
        int id, string name, string overload, CelFunction function, EvalNode[] arguments, CallCost cost, bool stops) => arguments switch
    {
        _ when stops => new(id, function, arguments, cost, stops),
        [var left, var right] when cost == CallCost.One && ArithmeticNode.Fits(name) => new ArithmeticNode(id, name, function, left, right),
        [var text, ConstantNode { Value: { Kind: CelKind.String }, Cost: 0 } part] when !cost.IsOfResult && TextTestNode.Fits(name, overload) =>
            new TextTestNode(id, name, function, text, part, cost),
        _ => new(id, function, arguments, cost, stops),
    };

    // Functions are pure. Errors stay with the evaluation, and lists are not kept unless they were constants: a short text can ask for a long one.
    private EvalNode Fold(CallExpr call, CallNode node, bool isConversion)
    {
        var frame = new Frame(0);
        node.Evaluate(frame, out var value);
        var isLiteral = isConversion && _scope.FreeConstants;
        if (isLiteral && value.IsError)
        {
            _fault ??= (call.Span.Position, value.ErrorMessage);
        }

        return value.IsError || (value.Kind is CelKind.List or CelKind.Map && !isConversion)
            ? node
            : new ConstantNode(node.Id, value, isLiteral ? 0 : frame.Cost, isLiteral);
    }

    // The only calls that cel-go computes when it makes a program.
    private static bool IsConversion(string function) =>
        function is "bool" or "bytes" or "double" or "duration" or "dyn" or "int" or "string" or "timestamp" or "type" or "uint";

    /// <summary>The overload that the checker found; empty when several were left, or nothing was checked.</summary>
    private string OverloadOf(CallExpr call) =>
        _checked?.ReferenceOf(call) is { Kind: ReferenceKind.Function, Overloads: [var only] } ? only : "";

    // How cel-go binds functions: of two arguments most evaluate both, but those with a binding for any number, functions with several
    // overloads of which none is known, and patterns that are compiled ahead stop at the first that fails.
    private bool StopsAtError(string function, string overload, EvalNode[] arguments)
    {
        if (arguments.Length != 2)
        {
            return arguments.Length > 2;
        }

        return function switch
        {
            "matches" => _scope.FreeConstants && IsLiteral(arguments[1]),
            "find" or "findAll" => IsLiteral(arguments[1]) || overload.Length == 0,
            "format" => true,
            ListMacros.SortByAssociatedKeys or "contains" or "startsWith" or "endsWith" => false,
            _ => overload.Length == 0 && !function.StartsWith('_'),
        };
    }
}
