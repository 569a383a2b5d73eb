using System.Collections.Immutable;
using Capstan.Cel.Library;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Checking;

/// <summary>
/// What Kubernetes asks of an expression whose types are in order: lists and maps of one type, times, patterns and formats that can work.
/// </summary>
internal sealed partial class CelChecker
{
    private (CelExpr Call, string Message)? _fault;

    private void CheckLiterals(CelExpr node, bool mayMix)
    {
        switch (node)
        {
            case SelectExpr select:
                CheckLiterals(select.Operand, mayMix);
                break;
            case CallExpr call:
                CheckArguments(call);

                // What is formatted may be of any types.
                var mix = mayMix || call.Function == StringFunctions.Format;
                if (call.Target is not null)
                {
                    CheckLiterals(call.Target, mix);
                }

                foreach (var argument in call.Arguments)
                {
                    CheckLiterals(argument, mix);
                }

                break;
            case ListExpr list:
                CheckElements(list, mayMix);
                break;
            case MapExpr map:
                CheckEntries(map, mayMix);
                break;
            case StructExpr message:
                foreach (var field in message.Fields)
                {
                    CheckLiterals(field.Value, mayMix);
                }

                break;
            case ComprehensionExpr fold:
                CheckLiterals(fold.Range, mayMix);
                CheckLiterals(fold.AccumulatorInit, mayMix);
                CheckLiterals(fold.Condition, mayMix);
                CheckLiterals(fold.Step, mayMix);
                CheckLiterals(fold.Result, mayMix);
                break;
        }
    }

    private void CheckArguments(CallExpr call)
    {
        var options = _environment.Options;
        if (_references[call.Id] is not { } reference)
        {
            return;
        }

        if (options.LiteralArguments && LiteralArguments.Problem(call, reference) is var (argument, message))
        {
            Report(argument, message);
        }
        else if (options.ConstantCalls)
        {
            _fault ??= ConstantCalls.Problem(call, reference, options) is { } problem ? (call, problem) : null;
        }

        if (options.LiteralArguments && reference.Overloads.Contains(StringFunctions.FormatOverload)
            && call is { Target: LiteralExpr { Kind: LiteralKind.String } format, Arguments: [ListExpr list] }
            && FormatLiteral.Problem(format.StringValue, list.Elements, e => _types[e.Id] ?? CelType.Dyn) is var (wrong, fault))
        {
            Report(wrong ?? call, fault);
        }
    }

    private void CheckElements(ListExpr list, bool mayMix)
    {
        CelType? first = null;
        for (var i = 0; i < list.Elements.Length; i++)
        {
            var element = list.Elements[i];
            CheckLiterals(element, mayMix);
            var type = TypeOfPart(element, list.OptionalIndices.BinarySearch(i) >= 0);

            // One complaint of a list is enough, but each entry of a map has its own.
            mayMix |= first is not null && IsOther(element, first, type, mayMix);
            first ??= type;
        }
    }

    private void CheckEntries(MapExpr map, bool mayMix)
    {
        (CelType Key, CelType Value)? first = null;
        foreach (var entry in map.Entries)
        {
            CheckLiterals(entry.Key, mayMix);
            CheckLiterals(entry.Value, mayMix);
            var (key, value) = (TypeOfPart(entry.Key, isOptional: false), TypeOfPart(entry.Value, entry.IsOptional));
            if (first is var (keys, values))
            {
                IsOther(entry.Key, keys, key, mayMix);
                IsOther(entry.Value, values, value, mayMix);
            }

            first ??= (key, value);
        }
    }

    private CelType TypeOfPart(CelExpr node, bool isOptional) =>
        _types[node.Id] is not { } type ? CelType.Dyn : isOptional && type.IsOptional ? type.Parameters[0] : type;

    private bool IsOther(CelExpr node, CelType wanted, CelType found, bool mayMix)
    {
        if (mayMix || !_environment.Options.HomogeneousLiterals || _bindings.IsSame(wanted, found))
        {
            return false;
        }

        Report(node, $"expected type '{Text(wanted)}' but found '{Text(found)}'");
        return true;
    }
}
