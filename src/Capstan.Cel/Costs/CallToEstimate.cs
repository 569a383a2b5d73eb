namespace Capstan.Cel.Costs;

/// <summary>The cost of calls that a library knows of; null for others, and for forms of its own calls that it knows nothing of.</summary>
internal delegate CallEstimate? CallEstimator(CallToEstimate call);

/// <summary>The size of what stands at a path, as far as it is known from outside the expression.</summary>
internal delegate SizeInterval? SizeEstimator(FieldPath path, CelType type);

/// <summary>A call with one of the overloads that it may mean.</summary>
/// <param name="Function">Qualified name.</param>
/// <param name="Overload">Name of the overload.</param>
/// <param name="Target">The receiver, null in a global call.</param>
/// <param name="Arguments">The arguments, the receiver apart.</param>
/// <param name="Sizes">Sizes from outside.</param>
internal sealed record CallToEstimate(string Function, string Overload, CostNode? Target, CostNode[] Arguments, SizeEstimator? Sizes)
{
    /// <summary>The size of an operand, or any size.</summary>
    public SizeInterval SizeOf(CostNode node) => node.Size ?? Sizes?.Invoke(node.Path, node.Type) ?? SizeInterval.Unknown;
}
