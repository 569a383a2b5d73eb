using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Reference;

/// <summary>The dialects differ in few places; see section 1 of the facts.</summary>
internal enum RefDialect
{
    Kubernetes,
    Specification,
}

/// <summary>
/// Evaluates the tree that was parsed as the definition of the language says, in the simplest way: macros stay the folds that they are, names are
/// looked up in a chain of scopes, every value is an object. Slow on purpose.
/// </summary>
internal sealed class RefEvaluator(RefDialect dialect, IReadOnlyDictionary<string, RefValue> variables, bool isChecked)
{
    private static readonly HashSet<string> _types =
    [
        "int", "uint", "double", "bool", "string", "bytes", "list", "map", "null_type", "type", "optional_type",
        "google.protobuf.Timestamp", "google.protobuf.Duration",
    ];

    /// <param name="node">The expression.</param>
    /// <param name="dialect">The dialect.</param>
    /// <param name="variables">Values by name.</param>
    /// <param name="isChecked">Whether the checker has seen it.</param>
    public static RefValue Evaluate(CelExpr node, RefDialect dialect, IReadOnlyDictionary<string, RefValue> variables, bool isChecked = false) =>
        new RefEvaluator(dialect, variables, isChecked).Evaluate(node, null);

    private RefValue Evaluate(CelExpr node, Scope? scope) => node switch
    {
        LiteralExpr literal => Literal(literal),
        IdentExpr ident => Name(ident, scope),
        SelectExpr select => Select(select, scope),
        CallExpr call => Call(call, scope),
        ListExpr list => List(list, scope),
        MapExpr map => Map(map, scope),
        ComprehensionExpr fold => Fold(fold, scope),
        _ => new RefError("messages are not supported"),
    };

    private static RefValue Literal(LiteralExpr literal) => literal.Kind switch
    {
        LiteralKind.Null => new RefNull(),
        LiteralKind.Bool => RefValue.Of(literal.BoolValue),
        LiteralKind.Int => new RefInt(literal.IntValue),
        LiteralKind.Uint => new RefUint(literal.UintValue),
        LiteralKind.Double => new RefDouble(literal.DoubleValue),
        LiteralKind.String => new RefString(literal.StringValue),
        _ => new RefBytes(literal.BytesValue.ToArray()),
    };

    private RefValue Name(IdentExpr ident, Scope? scope) =>
        scope?.Find(ident.Name) ?? Global(ident.Name) ?? new RefError($"undeclared reference to '{ident.Name}'");

    private RefValue? Global(string name)
    {
        name = name.TrimStart('.');
        return variables.TryGetValue(name, out var value) ? value : _types.Contains(name) ? new RefType(name) : null;
    }

    private RefValue Select(SelectExpr select, Scope? scope)
    {
        if (!select.IsTestOnly && !select.IsOptional && DottedName(select, scope) is { } name && Global(name) is { } named)
        {
            return named;
        }

        var operand = Evaluate(select.Operand, scope);
        var lenient = dialect == RefDialect.Kubernetes;
        return select.IsTestOnly ? RefAccess.Has(operand, select.Field, lenient)
            : RefAccess.Field(operand, select.Field, select.IsOptional, lenient);
    }

    private static string? DottedName(CelExpr node, Scope? scope) => node switch
    {
        IdentExpr ident => scope?.Find(ident.Name) is null ? ident.Name : null,
        SelectExpr { IsTestOnly: false, IsOptional: false } select => DottedName(select.Operand, scope) is { } name ? $"{name}.{select.Field}" : null,
        _ => null,
    };

    private RefValue Call(CallExpr call, Scope? scope)
    {
        if (call.Target is not null && DottedName(call.Target, scope) is { } space && RefFunctions.IsQualified($"{space}.{call.Function}"))
        {
            return Apply($"{space}.{call.Function}", call.Arguments, scope);
        }

        CelExpr[] all = call.Target is null ? [.. call.Arguments] : [call.Target, .. call.Arguments];
        switch (call.Function, all)
        {
            case (Operators.And or Operators.Or, [var left, var right]):
                return Logic(call.Function == Operators.Or, Evaluate(left, scope), () => Evaluate(right, scope));
            case (Operators.Conditional, [var condition, var then, var otherwise]):
                return Evaluate(condition, scope) switch
                {
                    RefBool { Value: true } => Evaluate(then, scope),
                    RefBool { Value: false } => Evaluate(otherwise, scope),
                    RefError error => error,
                    _ => RefValue.NoOverload(call.Function),
                };
            case (Operators.Index or Operators.OptionalIndex, [var container, var key]):
                return RefAccess.Index(Evaluate(container, scope), () => Evaluate(key, scope), call.Function == Operators.OptionalIndex, dialect == RefDialect.Kubernetes);
            case (Operators.In, [_, ListExpr { Elements.IsEmpty: true }]) when isChecked && dialect == RefDialect.Kubernetes:
                // Nothing is in nothing, so cel-go does not look at it.
                return RefValue.False;
            case (Operators.NotStrictlyFalse, [var operand]):
                return RefValue.Of(Evaluate(operand, scope) is not RefBool { Value: false });
            case ("or" or "orValue", [var target, var other]) when call.Target is not null:
                return RefAccess.Or(Evaluate(target, scope), () => Evaluate(other, scope), call.Function == "orValue");
            default:
                return Apply(call.Function, all, scope);
        }
    }

    // One side decides whatever the other is; else the first error counts.
    private static RefValue Logic(bool deciding, RefValue left, Func<RefValue> evaluateRight)
    {
        if (left is RefBool first && first.Value == deciding)
        {
            return first;
        }

        var right = evaluateRight();
        return right is RefBool second && second.Value == deciding ? second
            : left is RefError ? left
            : left is not RefBool ? RefValue.NoOverload("logic")
            : right is RefError or RefBool ? right
            : RefValue.NoOverload("logic");
    }

    private RefValue Apply(string function, IEnumerable<CelExpr> arguments, Scope? scope)
    {
        RefValue[] values = [.. arguments.Select(a => Evaluate(a, scope))];
        return values.FirstOrDefault(v => v is RefError) ?? RefFunctions.Call(function, values, dialect);
    }

    private RefValue List(ListExpr list, Scope? scope)
    {
        var items = new List<RefValue>();
        for (var i = 0; i < list.Elements.Length; i++)
        {
            var item = Evaluate(list.Elements[i], scope);
            if (item is RefError)
            {
                return item;
            }

            if (list.OptionalIndices.Contains(i))
            {
                if (item is not RefOptional optional)
                {
                    return RefValue.NoOverload("[?]");
                }

                item = optional.Value;
            }

            if (item is not null)
            {
                items.Add(item);
            }
        }

        return new RefList(items);
    }

    private RefValue Map(MapExpr map, Scope? scope)
    {
        var entries = new List<(RefValue Key, RefValue Value)>();
        foreach (var entry in map.Entries)
        {
            var key = Evaluate(entry.Key, scope);
            if (key is RefError)
            {
                return key;
            }

            var value = Evaluate(entry.Value, scope);
            if (value is RefError)
            {
                return value;
            }

            if (entry.IsOptional)
            {
                if (value is not RefOptional optional)
                {
                    return RefValue.NoOverload("{?}");
                }

                if (optional.Value is null)
                {
                    entries.RemoveAll(e => RefEquality.Equal(e.Key, key));
                    continue;
                }

                value = optional.Value;
            }

            var same = entries.FindIndex(e => RefEquality.Equal(e.Key, key));
            if (key is RefBytes || dialect == RefDialect.Specification && (same >= 0 || key is not (RefBool or RefInt or RefUint or RefString)))
            {
                return new RefError("a key of that type, or a second time");
            }

            if (same >= 0)
            {
                entries[same] = (key, value);
            }
            else
            {
                entries.Add((key, value));
            }
        }

        return new RefMap(entries);
    }

    private RefValue Fold(ComprehensionExpr fold, Scope? scope)
    {
        var range = Evaluate(fold.Range, scope);
        if (range is not (RefList or RefMap))
        {
            return range is RefError ? range : new RefError("no range of a comprehension");
        }

        var accumulator = Evaluate(fold.AccumulatorInit, scope);
        foreach (var (first, second) in Elements(range, fold.SecondVariable is not null))
        {
            var inner = new Scope(fold.Accumulator, accumulator, scope);
            inner = new Scope(fold.Variable, first, inner);
            if (fold.SecondVariable is { } name)
            {
                inner = new Scope(name, second, inner);
            }

            // An error as the condition does not end the loop.
            if (Evaluate(fold.Condition, inner) is RefBool { Value: false })
            {
                break;
            }

            accumulator = Evaluate(fold.Step, inner);
        }

        return Evaluate(fold.Result, new Scope(fold.Accumulator, accumulator, scope));
    }

    private static IEnumerable<(RefValue First, RefValue Second)> Elements(RefValue range, bool pairs) => range switch
    {
        RefMap map => map.Entries,
        RefList list when pairs => list.Items.Select((item, i) => ((RefValue)new RefInt(i), item)),
        _ => ((RefList)range).Items.Select(item => (item, item)),
    };

    private sealed record Scope(string Name, RefValue Value, Scope? Outer)
    {
        public RefValue? Find(string name) => name == Name ? Value : Outer?.Find(name);
    }
}
