namespace Capstan.Cel.Costs;

/// <summary>What a call cost in cel-go's units, asked after it ran; null: not a function of mine.</summary>
/// <param name="function">The function's name.</param>
/// <param name="overload">The overload that the checker found; empty when several were left or nothing was checked, as in cel-go.</param>
/// <param name="arguments">The receiver, if any, and the arguments.</param>
/// <param name="result">What came out, an error perhaps.</param>
internal delegate ulong? CelCallCost(string function, string overload, ReadOnlySpan<CelValue> arguments, in CelValue result);
