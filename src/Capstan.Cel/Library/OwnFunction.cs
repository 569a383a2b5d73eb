using Capstan.Cel.Checking;

namespace Capstan.Cel.Library;

/// <summary>A function of the user's: its declaration, and the call guarded against what it throws.</summary>
internal static class OwnFunction
{
    public static CelLibrary Library(string name, string signature, CelFunction function)
    {
        var declarations = SignatureReader.Functions($"{name}\n  {name.Replace('.', '_')}_own {signature}");
        var overload = declarations[0].Overloads[0] with { Id = $"{name} {signature}" };
        return new(name)
        {
            Declarations = [declarations[0] with { Overloads = [overload] }],
            Functions = set => Add(set, name, overload, function),
        };
    }

    // Another overload of the same number of arguments may be there: the kinds of the values tell which is meant.
    private static void Add(FunctionSet set, string name, Overload overload, CelFunction function)
    {
        var count = overload.Parameters.Length - (overload.IsMember ? 1 : 0);
        var earlier = set.Functions.GetValueOrDefault((name, count, overload.IsMember));
        CelFunction both = a => Fits(overload, a) ? Call(name, function, a) : earlier is null ? FunctionSet.NoOverload(name) : earlier(a);
        set.Functions[(name, count, overload.IsMember)] = both;
    }

    private static bool Fits(Overload overload, ReadOnlySpan<CelValue> arguments)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            var wanted = overload.Parameters[i];
            var found = arguments[i];
            var fits = wanted.Kind switch
            {
                CelTypeKind.Dyn or CelTypeKind.Parameter => true,
                CelTypeKind.Wrapper => found.Kind == CelKind.Null || found.TypeName == wanted.Parameters[0].Name,
                CelTypeKind.Object => found.Kind is CelKind.Map or CelKind.Object,
                _ => found.TypeName == wanted.Name,
            };
            if (!fits)
            {
                return false;
            }
        }

        return true;
    }

    private static CelValue Call(string name, CelFunction function, ReadOnlySpan<CelValue> arguments)
    {
        try
        {
            var result = function(arguments);
            return result.Kind == CelKind.None ? CelValue.Failure($"{name}: gave no value") : result;
        }
#pragma warning disable CA1031 // What a function of the user's throws is an error of the expression, not of the evaluator.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return CelValue.Failure($"{name}: {e.Message}");
        }
    }
}
