using System.Collections.Immutable;

namespace Capstan.Cel.Costs;

/// <summary>What an estimate knows beyond the language. Immutable.</summary>
internal sealed record CostModel
{
    /// <summary>The language alone: variables of any size.</summary>
    public static CostModel Standard { get; } = new();

    /// <summary>Costs of the libraries' functions; the first that knows a call decides.</summary>
    public ImmutableArray<CallEstimator> Calls { get; init; } = [];

    /// <summary>Sizes of the variables and their parts. Default nothing is known of them.</summary>
    public SizeEstimator? Sizes { get; init; }

    /// <summary>Whether <c>has(...)</c> costs a unit. Default true; in Kubernetes it costs nothing.</summary>
    public bool PresenceTestsCost { get; init; } = true;
}
