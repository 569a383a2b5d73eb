using System.Collections.Immutable;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Checking;

/// <summary>
/// Gives every node a type and every name a meaning. One instance checks one expression. It recurses as deep as the tree is high, which the
/// parser bounds, and its work on types is bounded too, so no expression makes it run long or deep.
/// </summary>
internal sealed partial class CelChecker
{
    private readonly CelAst _ast;
    private readonly CheckEnvironment _environment;
    private readonly Bindings _bindings;
    private readonly CelType?[] _types;
    private readonly CheckedReference?[] _references;
    private readonly List<(string Name, CelType Type)> _locals = [];
    private readonly List<CelIssue> _issues = [];

    private CelChecker(CelAst ast, CheckEnvironment environment)
    {
        _ast = ast;
        _environment = environment;
        _bindings = new Bindings(environment.Options.MaxWork);
        _types = new CelType?[ast.IdCount];
        _references = new CheckedReference?[ast.IdCount];
    }

    /// <summary>Checks a parsed expression. Never throws for one that the parser made.</summary>
    public static CheckedExpression Check(CelAst ast, CheckEnvironment environment) => new CelChecker(ast, environment).Run();

    private CheckedExpression Run()
    {
        Check(_ast.Root);
        for (var id = 0; id < _types.Length && !_bindings.IsExhausted; id++)
        {
            _types[id] = _types[id] is { } type ? _bindings.Resolve(type, freeAsDyn: true) : null;
        }

        if (_issues.Count == 0 && !_bindings.IsExhausted && _environment.Options.ChecksLiterals)
        {
            CheckLiterals(_ast.Root, mayMix: false);
            if (_issues.Count > 0)
            {
                _fault = null;
            }
            else if (_fault is var (call, message))
            {
                Report(call, message);
            }
        }

        if (_bindings.IsExhausted)
        {
            Array.Fill(_types, CelType.Error);
            _issues.Clear();
            Report(_ast.Root, "expression is too complex to check: the work on its types exceeds the limit");
        }

        return new CheckedExpression(_ast, [.. _issues.OrderBy(i => i.Offset)], _types, _references) { Fault = _fault?.Message };
    }

    private CelType Check(CelExpr node)
    {
        // What is exhausted is reported once at the end; until then nothing more is worth knowing.
        var type = !_bindings.Step() ? CelType.Error : node switch
        {
            LiteralExpr literal => Of(literal.Kind),
            IdentExpr ident => CheckIdentifier(ident),
            SelectExpr select => CheckSelection(select),
            CallExpr call => CheckCall(call),
            ListExpr list => CheckList(list),
            MapExpr map => CheckMap(map),
            StructExpr message => CheckMessage(message),
            ComprehensionExpr fold => CheckComprehension(fold),
            _ => throw new InvalidOperationException($"unknown node {node.GetType()}"),
        };
        _bindings.Made(type);
        return _types[node.Id] = type;
    }

    private static CelType Of(LiteralKind kind) => kind switch
    {
        LiteralKind.Null => CelType.Null,
        LiteralKind.Bool => CelType.Bool,
        LiteralKind.Int => CelType.Int,
        LiteralKind.Uint => CelType.Uint,
        LiteralKind.Double => CelType.Double,
        LiteralKind.String => CelType.String,
        _ => CelType.Bytes,
    };

    private CelType CheckList(ListExpr list)
    {
        CelType? element = null;
        for (var i = 0; i < list.Elements.Length; i++)
        {
            var type = Check(list.Elements[i]);
            if (list.OptionalIndices.BinarySearch(i) >= 0)
            {
                type = ValueOfOptional(list.Elements[i], type);
            }

            element = Join(element, type);
        }

        return CelType.List(element ?? _bindings.NewVariable());
    }

    private CelType CheckMap(MapExpr map)
    {
        CelType? key = null;
        CelType? value = null;
        foreach (var entry in map.Entries)
        {
            key = Join(key, Check(entry.Key));
            var type = Check(entry.Value);
            value = Join(value, entry.IsOptional ? ValueOfOptional(entry.Value, type) : type);
        }

        return CelType.Map(key ?? _bindings.NewVariable(), value ?? _bindings.NewVariable());
    }

    private CelType CheckMessage(StructExpr message)
    {
        var named = _environment.FindType(message.TypeName);
        var type = named as CelObjectType;
        if (named is null)
        {
            Report(message, Undeclared(message.TypeName));
        }
        else if (type is null)
        {
            Report(message, $"'{named.Name}' is not a message type");
        }
        else
        {
            _references[message.Id] = new CheckedReference(ReferenceKind.Message, type.Name);
        }

        foreach (var field in message.Fields)
        {
            var value = Check(field.Value);
            value = field.IsOptional ? ValueOfOptional(field.Value, value) : value;
            if (type is null)
            {
                continue;
            }

            if (type.FieldType(field.Name) is not { } wanted)
            {
                Report(field.Span.Position, $"undefined field '{field.Name}'");
            }
            else if (!_bindings.Unify(wanted, value))
            {
                Report(field.Span.Position, $"expected type of field '{field.Name}' is '{wanted}' but provided type is '{Text(value)}'");
            }
        }

        return type ?? CelType.Error;
    }

    private CelType CheckComprehension(ComprehensionExpr fold)
    {
        var range = _bindings.Resolve(Check(fold.Range));
        var accumulator = Check(fold.AccumulatorInit);
        var (first, second) = VariablesOf(fold, range);
        var scope = _locals.Count;
        _locals.Add((fold.Accumulator, accumulator));
        _locals.Add((fold.Variable, first));
        if (fold.SecondVariable is { } name)
        {
            _locals.Add((name, second));
        }

        Check(fold.Condition);
        Require(fold.Condition, CelType.Bool);
        Check(fold.Step);
        Require(fold.Step, accumulator);
        _locals.RemoveRange(scope + 1, _locals.Count - scope - 1);
        var result = Check(fold.Result);
        _locals.RemoveAt(scope);
        return _bindings.Resolve(result);
    }

    private (CelType First, CelType Second) VariablesOf(ComprehensionExpr fold, CelType range)
    {
        switch (range.Kind)
        {
            case CelTypeKind.List:
                var element = range.Parameters[0];
                return fold.SecondVariable is null ? (element, element) : (CelType.Int, element);
            case CelTypeKind.Map:
                return (range.Parameters[0], range.Parameters[1]);
            case CelTypeKind.Dyn or CelTypeKind.Error or CelTypeKind.Parameter:
                // What is not known now must not become known later: this use saw it as dyn.
                _bindings.Unify(CelType.Dyn, range);
                return (CelType.Dyn, CelType.Dyn);
            default:
                Report(fold.Range, $"expression of type '{Text(range)}' cannot be range of a comprehension (must be list, map, or dynamic)");
                return (CelType.Error, CelType.Error);
        }
    }

    private void Require(CelExpr node, CelType wanted)
    {
        var found = _types[node.Id]!;
        if (!_bindings.Unify(wanted, found))
        {
            Report(node, $"expected type '{Text(wanted)}' but found '{Text(found)}'");
        }
    }

    /// <summary>The type of a literal's parts, one after the other.</summary>
    private CelType Join(CelType? previous, CelType current)
    {
        if (previous is null)
        {
            return current;
        }

        return _bindings.Unify(previous, current) ? _bindings.MoreGeneral(previous, current) : CelType.Dyn;
    }

    private CelType ValueOfOptional(CelExpr node, CelType type)
    {
        type = _bindings.Resolve(type);
        if (type.IsOptional)
        {
            return type.Parameters[0];
        }

        if (!type.IsDynOrError)
        {
            Report(node, $"expected type '{Text(CelType.Optional(type))}' but found '{Text(type)}'");
        }

        return type;
    }

    private string Text(CelType type) => _bindings.Resolve(type, freeAsDyn: true).ToString();

    private string Undeclared(string name) => $"undeclared reference to '{name}' (in container '{_environment.Container}')";

    private void Report(CelExpr node, string message) => Report(node.Span.Position, message);

    private void Report(int position, string message)
    {
        if (_issues.Count < _environment.Options.MaxErrors)
        {
            var (line, column) = _ast.Source.Locate(position);
            _issues.Add(new CelIssue(CelSeverity.Error, message, position, line, column));
        }
    }
}
