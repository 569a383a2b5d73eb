namespace Capstan.Cel.Costs;

/// <summary>What a call with these values costs, the receiver first. An error may be among them: it has the size 1.</summary>
internal delegate ulong CallMeasure(ReadOnlySpan<CelValue> arguments);

/// <summary>What a call costs of which this came out, an error perhaps.</summary>
internal delegate ulong ResultMeasure(in CelValue result);

/// <summary>The cost of a function's calls; null: not a function of mine.</summary>
/// <param name="function">The function's name in full.</param>
/// <param name="overload">The overload that the checker found; empty when several were left or nothing was checked, as in cel-go.</param>
internal delegate CallCost? CallCosts(string function, string overload);

/// <summary>What the calls of one overload cost. Found when a program is made, so that an evaluation only measures. Immutable.</summary>
internal sealed class CallCost
{
    private readonly ulong _fixed;
    private readonly CallMeasure? _before;
    private readonly ResultMeasure? _after;

    private CallCost(ulong cost, CallMeasure? before, ResultMeasure? after)
    {
        _fixed = cost;
        _before = before;
        _after = after;
    }

    /// <summary>The same for any values.</summary>
    public static CallCost One { get; } = new(CostFactors.CallCost, null, null);

    /// <summary>Whether the cost shows in the result only.</summary>
    public bool IsOfResult => _after is not null;

    /// <summary>A cost that the arguments show, so that it is charged before the function works.</summary>
    public static CallCost OfArguments(CallMeasure measure) => new(0, measure, null);

    /// <summary>A cost that the result shows.</summary>
    /// <param name="measure">The cost.</param>
    /// <param name="expected">What it will be if nothing fails: a call that cannot be afforded is not made.</param>
    public static CallCost OfResult(ResultMeasure measure, CallMeasure expected) => new(0, expected, measure);

    /// <summary>The cost, or what it will be if it is one of the result.</summary>
    public ulong Before(ReadOnlySpan<CelValue> arguments) => _before is null ? _fixed : _before(arguments);

    /// <summary>The cost.</summary>
    public ulong Of(ReadOnlySpan<CelValue> arguments, in CelValue result) => _after is null ? Before(arguments) : _after(result);
}
