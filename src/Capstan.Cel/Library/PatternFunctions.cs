using Capstan.Cel.Regex;

namespace Capstan.Cel.Library;

/// <summary>A function of values that include a pattern, which is compiled.</summary>
internal delegate CelValue PatternFunction(Re2 pattern, ReadOnlySpan<CelValue> arguments);

/// <summary>Functions whose second argument, the receiver counted, is a pattern: a literal is compiled once, others are kept for some time.</summary>
internal static class PatternFunctions
{
    /// <param name="set">What it is added to.</param>
    /// <param name="name">The name.</param>
    /// <param name="isMember">Whether the first argument is a receiver.</param>
    /// <param name="kinds">Of all arguments, the receiver first.</param>
    /// <param name="function">Is given arguments of these kinds.</param>
    /// <param name="fault">What the message about a wrong pattern begins with.</param>
    public static void Pattern(this FunctionSet set, string name, bool isMember, CelKind[] kinds, PatternFunction function, string fault = "")
    {
        var patterns = new PatternCache();
        CelFunction computed = a => Fits(kinds, a) ? Call(patterns, fault, function, a) : FunctionSet.NoOverload(name);
        var count = kinds.Length - (isMember ? 1 : 0);
        if (isMember)
        {
            set.Member(name, count, computed);
        }
        else
        {
            set.Global(name, count, computed);
        }

        set.Patterns[(name, count, isMember)] = pattern => a => Fits(kinds, a) ? function(pattern, a) : FunctionSet.NoOverload(name);
    }

    private static bool Fits(CelKind[] kinds, ReadOnlySpan<CelValue> arguments)
    {
        for (var i = 0; i < kinds.Length; i++)
        {
            if (arguments[i].Kind != kinds[i])
            {
                return false;
            }
        }

        return true;
    }

    private static CelValue Call(PatternCache patterns, string fault, PatternFunction function, ReadOnlySpan<CelValue> arguments)
    {
        try
        {
            return function(patterns.Get(arguments[1].String), arguments);
        }
        catch (Re2SyntaxException e)
        {
            return CelValue.Failure(fault + e.Message);
        }
    }
}
