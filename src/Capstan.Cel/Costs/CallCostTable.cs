namespace Capstan.Cel.Costs;

/// <summary>What calls cost in an environment. Immutable.</summary>
internal sealed class CallCostTable(IEnumerable<CelLibrary> libraries)
{
    private readonly CallCosts[] _sources = [.. libraries.Select(l => l.CallCosts).OfType<CallCosts>()];

    /// <summary>The language alone.</summary>
    public static CallCostTable Standard { get; } = new([]);

    /// <summary>The first that one of the libraries has, else what the language says.</summary>
    /// <param name="function">The function's name in full.</param>
    /// <param name="overload">The overload; empty when it is not known.</param>
    public CallCost Find(string function, string overload)
    {
        foreach (var source in _sources)
        {
            if (source(function, overload) is { } cost)
            {
                return cost;
            }
        }

        return StandardCallCosts.Find(overload);
    }
}
