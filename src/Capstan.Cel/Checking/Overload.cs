using System.Collections.Immutable;

namespace Capstan.Cel.Checking;

/// <summary>One signature of a function. Immutable.</summary>
/// <param name="Id">Name of the overload, unique; results and costs are keyed by it.</param>
/// <param name="IsMember">Whether the first parameter is a receiver.</param>
/// <param name="Parameters">Types of the receiver, if any, and the arguments.</param>
/// <param name="Result">Type of the value.</param>
/// <param name="ParameterCount">Number of type parameters; each has a <see cref="CelType.Index"/> below it.</param>
internal sealed record Overload(string Id, bool IsMember, ImmutableArray<CelType> Parameters, CelType Result, int ParameterCount);
