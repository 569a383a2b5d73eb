using System.Collections.Immutable;
using System.Globalization;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Checking;

/// <summary>Calls: which function, and which of its overloads.</summary>
internal sealed partial class CelChecker
{
    private CelType CheckCall(CallExpr call)
    {
        if (call.Function == BlockMacros.Block)
        {
            return CheckBlock(call);
        }

        // Of a.b.f(x) the target may be part of the name.
        var qualified = call.Target is not null && NameOf(call.Target) is { } space
            ? _environment.FindFunction($"{space}.{call.Function}")
            : null;
        var receiver = qualified is null ? call.Target : null;
        var arguments = ImmutableArray.CreateBuilder<CelType>(call.Arguments.Length + 1);
        if (receiver is not null)
        {
            arguments.Add(Check(receiver));
        }

        foreach (var argument in call.Arguments)
        {
            arguments.Add(Check(argument));
        }

        if ((qualified ?? _environment.FindFunction(call.Function)) is not { } function)
        {
            Report(call, Undeclared(call.Function));
            return CelType.Error;
        }

        return Resolve(call, function, receiver is not null, arguments.DrainToImmutable());
    }

    private CelType Resolve(CallExpr call, FunctionDeclaration function, bool hasReceiver, ImmutableArray<CelType> arguments)
    {
        CelType? result = null;
        var chosen = ImmutableArray<string>.Empty;
        foreach (var overload in function.Overloads)
        {
            if (overload.IsMember != hasReceiver || overload.Parameters.Length != arguments.Length)
            {
                continue;
            }

            var variables = overload.ParameterCount > 0 ? _bindings.NewVariables(overload.ParameterCount) : 0;
            var parameters = overload.ParameterCount > 0
                ? _bindings.Instantiate(overload.Parameters, variables)
                : overload.Parameters;
            if (!_bindings.Unify(arguments.AsSpan(), parameters.AsSpan()))
            {
                continue;
            }

            chosen = chosen.Add(overload.Id);
            var type = _bindings.Resolve(_bindings.Instantiate(overload.Result, variables));
            result = result is null || _bindings.IsSame(type, result) ? type : CelType.Dyn;
        }

        if (result is null)
        {
            Report(call, $"found no matching overload for '{function.Name}' applied to '{Signature(hasReceiver, arguments)}'");
            return CelType.Error;
        }

        _references[call.Id] = new CheckedReference(ReferenceKind.Function, function.Name) { Overloads = chosen, HasReceiver = hasReceiver };
        return result;
    }

    private string Signature(bool hasReceiver, ImmutableArray<CelType> arguments)
    {
        var texts = arguments.Select(Text);
        return hasReceiver
            ? $"{texts.First()}.({string.Join(", ", texts.Skip(1))})"
            : $"({string.Join(", ", texts)})";
    }

    /// <summary>Values that later values and the body see by their index.</summary>
    private CelType CheckBlock(CallExpr block)
    {
        var scope = _locals.Count;
        var values = (ListExpr)block.Arguments[0];
        _types[values.Id] = CelType.List(CelType.Dyn);
        for (var i = 0; i < values.Elements.Length; i++)
        {
            _locals.Add((string.Create(CultureInfo.InvariantCulture, $"@index{i}"), Check(values.Elements[i])));
        }

        var result = Check(block.Arguments[1]);
        _locals.RemoveRange(scope, _locals.Count - scope);
        _references[block.Id] = new CheckedReference(ReferenceKind.Function, BlockMacros.Block) { Overloads = ["cel_block_list"] };
        return result;
    }
}
